"""karnay.toml, read and checked."""

from datetime import timedelta
from pathlib import Path

import pytest

from karnay.accounts import Budget, Counts
from karnay.errors import BadConfiguration
from karnay.settings import load

TELEGRAM = '[accounts.a]\nplatform = "telegram"\nchat = "@demo"\ntoken = "env:T"'
SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
X = 'platform = "x"\n' + "\n".join(f'{name} = "env:{name.upper()}"' for name in SECRETS)
TWO_ON_X = f"[accounts.x-uz]\n{X}\n[accounts.x-en]\n{X}"


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
        (
            f'{TELEGRAM}\nbudget = ["17"]',
            'karnay.toml:5:1: accounts.a.budget: "17" is not a budget',
        ),
        (f'{TELEGRAM}\nbudget = ["0 per day"]', "to stop an account, use `karnay pause`"),
        (f"{TELEGRAM}\nbudget = 17", "karnay.toml:5:1: accounts.a.budget: input should be a valid"),
        ("[platforms.telegarm]", "karnay.toml:1:2: platforms.telegarm: there is no platform"),
        ("[platforms.x]\nbudgt = []", "karnay.toml:2:1: platforms.x.budgt: unknown setting"),
        ('[platforms.x]\nbudget = ["5 per blink"]', '"blink" is not a unit of time'),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadConfiguration) as raised:
        load(configured(tmp_path, text))
    assert message in str(raised.value)


def test_an_account_has_the_budgets_that_its_network_documents(tmp_path: Path) -> None:
    account = load(configured(tmp_path, TWO_ON_X)).accounts["x-uz"]
    assert account.budgets == (Budget(100, timedelta(minutes=15), Counts.REQUESTS),)


def test_a_budget_that_is_written_replaces_what_the_network_documents(tmp_path: Path) -> None:
    text = f'{TELEGRAM}\nbudget = ["17 per day", "30 per 10 min"]'
    account = load(configured(tmp_path, text)).accounts["a"]
    assert account.budgets == (Budget(17, timedelta(days=1)), Budget(30, timedelta(minutes=10)))


def test_all_accounts_of_a_platform_share_its_budget(tmp_path: Path) -> None:
    text = f'{TWO_ON_X}\nbudget = []\n[platforms.x]\nbudget = ["500 per month"]'
    accounts = load(configured(tmp_path, text)).accounts
    shared = Budget(500, timedelta(days=31), shared_by=frozenset({"x-uz", "x-en"}))
    assert accounts["x-en"].budgets == (shared,)
    assert accounts["x-uz"].budgets[-1] == shared


def test_empty_budgets_are_no_budgets(tmp_path: Path) -> None:
    text = f"{TWO_ON_X}\nbudget = []\n[platforms.x]\nbudget = []"
    assert load(configured(tmp_path, text)).accounts["x-en"].budgets == ()


def test_no_repr_shows_the_password_of_the_database(tmp_path: Path) -> None:
    folder = configured(tmp_path, 'database = "postgresql://me:hunter2@db.example/karnay"')
    configuration = load(folder)
    assert "hunter2" in configuration.database
    assert "hunter2" not in repr(configuration)
