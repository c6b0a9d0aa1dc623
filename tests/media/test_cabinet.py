"""The cabinet: whole files, under the hash of what they hold."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
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


def test_what_nobody_needs_is_forgotten(cabinet: Cabinet) -> None:
    needed, useless = cabinet.put(b"needed"), cabinet.put(b"useless")
    assert cabinet.forget([needed], timedelta(hours=1), datetime.now(UTC) + timedelta(hours=2)) == 1
    assert (cabinet.holds(needed), cabinet.holds(useless)) == (True, False)


def test_what_was_used_lately_is_kept(cabinet: Cabinet) -> None:
    name = cabinet.put(b"a picture")
    os.utime(cabinet.path(name), (0, 0))
    cabinet.put(b"a picture")
    assert cabinet.forget([], timedelta(hours=1), datetime.now(UTC)) == 0


def test_a_cabinet_that_was_never_used_has_nothing_to_forget(cabinet: Cabinet) -> None:
    assert cabinet.forget([], timedelta(0), datetime.now(UTC)) == 0
