"""karnay.toml, read and checked."""

from pathlib import Path

import pytest

from karnay.errors import BadConfiguration
from karnay.settings import load


def configured(folder: Path, text: str = "") -> Path:
    (folder / "karnay.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_empty_file_is_a_workspace(tmp_path: Path) -> None:
    found = load(configured(tmp_path))
    assert (found.timezone, found.languages, found.accounts) == ("UTC", ("en",), {})


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KARNAY_TIMEZONE", "Asia/Tashkent")
    assert load(configured(tmp_path, 'timezone = "UTC"')).timezone == "Asia/Tashkent"


def test_two_workspaces_on_one_database_share_its_lock(tmp_path: Path) -> None:
    shared = f'database = "sqlite:///{tmp_path}/shared/karnay.db"'
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    locks = {load(configured(folder, shared)).lock_folder for folder in folders}
    assert locks == {tmp_path / "shared"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timezone = ", "karnay.toml:1:12: Invalid value"),
        ('timezon = "UTC"', 'Did you mean "timezone"?'),
        ('[accounts.a]\nplatform = "telegarm"', 'Did you mean "telegram"?'),
        ('[accounts.a]\nplatform = "telegram"', "karnay.toml:1:2: accounts.a.chat: is missing"),
        ('[accounts.a]\nplatform = "x"\noverflow = "cut"', "shorten"),
        ("languages = []", "name at least one language"),
        ('to = ["@press"]', 'there is no account or group "@press"'),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadConfiguration) as raised:
        load(configured(tmp_path, text))
    assert message in str(raised.value)


def test_no_repr_shows_the_password_of_the_database(tmp_path: Path) -> None:
    folder = configured(tmp_path, 'database = "postgresql://me:hunter2@db.example/karnay"')
    configuration = load(folder)
    assert "hunter2" in configuration.database
    assert "hunter2" not in repr(configuration)
