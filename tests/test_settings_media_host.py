"""karnay.toml's `[media_host]`: where networks can fetch files."""

from __future__ import annotations

from pathlib import Path

import pytest

from karnay.errors import BadConfiguration
from karnay.media.host import Bucket, Folder, MediaHost
from karnay.settings import load

ACCOUNT = '[accounts.a]\nplatform = "telegram"\nchat = "@demo"\ntoken = "env:T"\n'
FOLDER = '[media_host]\nkind = "folder"\npath = "public"\nurl = "https://news.example.uz/m/"\n'
S3 = (
    '[media_host]\nkind = "s3"\nendpoint = "https://s3.example"\nbucket = "press"\n'
    'url = "https://media.example"\nkey_id = "env:ID"\nsecret = "file:secrets/s3"\n'
)


def host_of(folder: Path, text: str) -> MediaHost | None:
    (folder / "karnay.toml").write_text(ACCOUNT + text, encoding="utf-8")
    return load(folder).accounts["a"].media_host


def test_files_have_no_public_address_unless_karnay_toml_says_so(tmp_path: Path) -> None:
    assert host_of(tmp_path, "") is None
    assert host_of(tmp_path, '[media_host]\nkind = "none"') is None
    assert not (tmp_path / ".karnay").exists()


def test_a_folder_of_the_workspace_is_named_by_its_path_there(tmp_path: Path) -> None:
    host = host_of(tmp_path, FOLDER)
    assert host
    assert host.place == Folder(path=tmp_path / "public", url="https://news.example.uz/m")


def test_a_bucket_has_its_secrets_as_references(tmp_path: Path) -> None:
    host = host_of(tmp_path, S3)
    assert host
    assert isinstance(host.place, Bucket)
    assert str(host.place.secret) == "file:secrets/s3"
    assert host.place.secret.folder == tmp_path


def test_names_stay_the_same_when_the_workspace_is_opened_again(tmp_path: Path) -> None:
    assert host_of(tmp_path, FOLDER) == host_of(tmp_path, FOLDER)


def test_two_workspaces_share_no_names(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    assert len({host.key for folder in folders if (host := host_of(folder, FOLDER))}) == 2


def test_what_names_are_made_of_is_for_its_owner_alone(tmp_path: Path) -> None:
    host_of(tmp_path, FOLDER)
    assert [file.stat().st_mode & 0o777 for file in (tmp_path / ".karnay").iterdir()] == [0o600]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[media_host]\nkind = "s4"', 'karnay.toml:6:1: media_host.kind: there is no kind "s4".'),
        ('[media_host]\npath = "public"', "Known: folder, s3, none"),
        ('[media_host]\nkind = "folder"\npath = "p"', "media_host.url: is missing"),
        (FOLDER.replace("https://", ""), "karnay.toml:8:1: media_host.url: must be an address"),
        (FOLDER.replace("path", "pth"), 'media_host.pth: unknown setting "pth". Did you mean'),
        (S3.replace("file:secrets/s3", "wJalr"), "media_host.secret: a secret must be a reference"),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadConfiguration) as raised:
        host_of(tmp_path, text)
    assert message in str(raised.value)


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".karnay").write_text("a file is in the way")
    with pytest.raises(BadConfiguration, match=r"media_host: .*cannot be written"):
        host_of(tmp_path, FOLDER)
