"""The unit that `karnay service` prints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from karnay.cli.exits import Exit
from karnay.cli.service import quoted
from karnay.cli.start import add_sandbox_accounts, make_workspace
from karnay.platforms.wire import DEADLINE

TOKENS = """
[accounts.secret]
platform = "telegram"
chat = "@tict"
token = "cred:telegram"

[accounts.plain]
platform = "telegram"
chat = "@tict"
token = "env:TELEGRAM_TOKEN"
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace whose name has everything that systemd reads in its own way."""
    folder = tmp_path / 'our 50% "office" $HOME \\ Идора'
    make_workspace(folder, "Asia/Tashkent", ("en",))
    add_sandbox_accounts(folder, "http://127.0.0.1:9")
    with (folder / "karnay.toml").open("a", encoding="utf-8") as file:
        file.write(TOKENS)
    return folder


def settings(unit: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in unit.splitlines() if "=" in line)
    return {name: value for name, _, value in pairs if not name.startswith("#")}


@pytest.fixture
def unit(karnay, office: Path) -> str:
    result = karnay("-C", str(office), "service", "--monitor", "127.0.0.1:9477")
    assert result.exit_code == Exit.DONE, result.stderr
    return str(result.stdout)


def verified(unit: str, file: Path, *options: str, runtime: Path) -> str:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: apt install systemd")
    file.write_text(unit, encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", *options, str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime)},
    )
    return f"{ran.returncode} {ran.stdout}{ran.stderr}".strip()


def test_systemd_finds_nothing_wrong_with_it(unit: str, tmp_path: Path) -> None:
    assert verified(unit, tmp_path / "karnay.service", runtime=tmp_path) == "0"


def test_nor_with_a_persons_own(karnay, office: Path, tmp_path: Path) -> None:
    unit = karnay("-C", str(office), "service", "--user").stdout
    found = verified(unit, tmp_path / "karnay.service", "--user", runtime=tmp_path)
    assert found == "0"


def test_it_names_the_workspace_in_systemds_own_spelling(unit: str) -> None:
    found = settings(unit)
    assert found["ExecStart"].endswith(
        'our 50%% \\"office\\" $$HOME \\\\ Идора" run --monitor 127.0.0.1:9477'
    )
    assert Path(found["ExecStart"].split(" ")[0]).is_absolute()
    assert found["WorkingDirectory"].endswith('our 50%% "office" $HOME \\ Идора')
    assert found["ReadWritePaths"].endswith('our 50%% \\"office\\" $HOME \\\\ Идора"')


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("/srv/office", "/srv/office"),
        ("/srv/our office", '"/srv/our office"'),
        ("/srv/50%", "/srv/50%%"),
        ('/srv/"a"', '"/srv/\\"a\\""'),
        ("/srv/a;b", '"/srv/a;b"'),
    ],
)
def test_a_word_is_quoted_where_it_has_to_be(word: str, spelt: str) -> None:
    assert quoted(word) == spelt


def test_it_is_restarted_whenever_it_ends_or_hangs(unit: str) -> None:
    found = settings(unit)
    assert (found["Type"], found["Restart"], found["StartLimitIntervalSec"]) == (
        "notify",
        "always",
        "0",
    )
    assert int(found["WatchdogSec"]) == 60


def test_it_may_finish_the_longest_request(unit: str) -> None:
    assert int(settings(unit)["TimeoutStopSec"]) > DEADLINE


def test_it_may_write_to_the_workspace_alone(unit: str) -> None:
    assert settings(unit)["ProtectSystem"] == "strict"


def test_a_database_elsewhere_may_be_written_to(karnay, office: Path, tmp_path: Path) -> None:
    toml = office / "karnay.toml"
    elsewhere = f'database = "sqlite:///{tmp_path}/elsewhere/karnay.db"\n'
    toml.write_text(elsewhere + toml.read_text("utf-8"), "utf-8")
    found = settings(karnay("-C", str(office), "service").stdout)
    assert found["ReadWritePaths"].endswith(f" {tmp_path}/elsewhere")


def test_it_is_handed_the_secrets_that_karnay_toml_names(unit: str) -> None:
    found = settings(unit)
    assert found["LoadCredential"] == "telegram:/etc/karnay/telegram"
    assert found["EnvironmentFile"] == "/etc/karnay/karnay.env"


def test_how_to_install_it_is_told_beside_it(karnay, office: Path) -> None:
    told = karnay("-C", str(office), "service", "--name", "office").stderr
    assert "sudo tee /etc/systemd/system/office.service" in told
    assert "systemctl enable --now office" in told
    assert "TELEGRAM_TOKEN" in told


@pytest.mark.parametrize("name", ["a b", "../x", ""])
def test_a_name_that_no_unit_can_have_is_refused(karnay, office: Path, name: str) -> None:
    assert karnay("-C", str(office), "service", "--name", name).exit_code == Exit.USAGE
