"""The cabinet: whole files, under the hash of what they hold."""

import hashlib
from pathlib import Path

import pytest

from karnay.media.cabinet import Cabinet, MediaGone

CONTENT = b"\x00\xff" * 3_000_000  # more than one piece
NAME = hashlib.sha256(CONTENT).hexdigest()


def test_what_is_put_in_is_found_under_its_hash(cabinet: Cabinet) -> None:
    assert cabinet.put(CONTENT) == NAME
    with cabinet.open(NAME) as file:
        assert file.read() == CONTENT


def test_a_file_is_copied_as_it_is(cabinet: Cabinet, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(CONTENT)
    assert cabinet.copy(tmp_path / "film.mp4") == NAME
    assert cabinet.path(NAME).read_bytes() == CONTENT


def test_the_same_content_is_kept_once(cabinet: Cabinet) -> None:
    assert cabinet.put(CONTENT) == cabinet.put(CONTENT)
    assert [file for file in cabinet.folder.rglob("*") if file.is_file()] == [cabinet.path(NAME)]


def test_what_is_not_there_is_said_with_a_remedy(cabinet: Cabinet) -> None:
    assert not cabinet.holds(NAME)
    with pytest.raises(MediaGone, match="Queue the post again"):
        cabinet.open(NAME)
