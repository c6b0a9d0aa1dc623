"""The vault: sealed in the database, opened by a key that is elsewhere."""

from __future__ import annotations

import logging
import stat
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from builders import HOUR, NOON
from karnay.errors import BadConfiguration
from karnay.platforms.logins import Client, Tokens
from karnay.secrets import SecretRef
from karnay.store.copying import content_tables
from karnay.store.database import Database
from karnay.store.sealing import Keys
from karnay.store.tables import vault as table
from karnay.store.vault import Ending, Vault

TOKENS = Tokens(
    "access-Zq8vR2",
    NOON,
    "refresh-Kd93bX",
    NOON + HOUR,
    ("read", "write"),
    Client("app", "app-7yTq"),
)
HIDDEN = ("access-Zq8vR2", "refresh-Kd93bX", "app-7yTq")


def keys_in(folder: Path, name: str = "vault.key") -> Keys:
    return Keys(SecretRef(f"file:.karnay/{name}", folder))


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Vault:
    return Vault(lambda: database, keys_in(tmp_path))


def test_what_was_kept_is_opened_again(vault: Vault) -> None:
    vault.keep("x", TOKENS)
    assert vault.tokens("x") == TOKENS
    assert vault.secret("x") == TOKENS.access_token


def test_a_later_log_in_takes_the_place_of_the_earlier(vault: Vault) -> None:
    vault.keep("x", TOKENS)
    vault.keep("x", replace(TOKENS, access_token="another"))
    assert vault.secret("x") == "another"


def test_what_is_not_there_is_asked_for(vault: Vault) -> None:
    with pytest.raises(BadConfiguration, match="karnay accounts login x`"):
        vault.secret("x/client_secret")


def test_its_end_is_known_without_the_key(vault: Vault, tmp_path: Path) -> None:
    vault.keep("x", TOKENS, renew_at=NOON)
    (tmp_path / ".karnay" / "vault.key").unlink()
    assert vault.endings() == {"x": Ending("x", NOON + HOUR, NOON)}


def test_the_key_is_made_once_and_for_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    vault.keep("x", TOKENS)
    file = tmp_path / ".karnay" / "vault.key"
    made = file.read_bytes()
    vault.keep("y", TOKENS)
    assert file.read_bytes() == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_machine_without_the_key_makes_none_of_its_own(
    vault: Vault, database: Database, tmp_path: Path
) -> None:
    vault.keep("x", TOKENS)
    elsewhere = Vault(lambda: database, keys_in(tmp_path, "elsewhere.key"))
    with pytest.raises(BadConfiguration, match=r"elsewhere\.key"):
        elsewhere.keep("y", TOKENS)
    assert not (tmp_path / ".karnay" / "elsewhere.key").exists()


def test_another_key_opens_nothing_and_says_so(
    vault: Vault, database: Database, tmp_path: Path
) -> None:
    vault.keep("x", TOKENS)
    (tmp_path / ".karnay" / "vault.key").write_bytes(Fernet.generate_key())
    with pytest.raises(BadConfiguration, match="put the key back"):
        vault.secret("x")


def test_a_key_that_is_none_is_not_shown(vault: Vault, tmp_path: Path) -> None:
    vault.keep("x", TOKENS)
    (tmp_path / ".karnay" / "vault.key").write_text("correct horse battery staple")
    with pytest.raises(BadConfiguration) as raised:
        vault.secret("x")
    assert "horse" not in str(raised.value)


def test_a_new_key_seals_and_the_old_one_still_opens(vault: Vault, tmp_path: Path) -> None:
    vault.keep("x", TOKENS)
    file = tmp_path / ".karnay" / "vault.key"
    old, new = file.read_text(), Fernet.generate_key().decode()
    file.write_text(f"{new}\n{old}")
    assert vault.tokens("x") == TOKENS
    vault.keep("x", TOKENS)
    file.write_text(new)
    assert vault.tokens("x") == TOKENS


def test_a_row_in_anothers_place_is_not_believed(vault: Vault, database: Database) -> None:
    vault.keep("x", TOKENS)
    vault.keep("y", TOKENS)
    of_x = sa.select(table.c.sealed).where(table.c.name == "x").scalar_subquery()
    with database.writing() as connection:
        connection.execute(sa.update(table).where(table.c.name == "y").values(sealed=of_x))
    with pytest.raises(BadConfiguration, match="another log-in"):
        vault.secret("y")


def test_no_secret_is_in_the_files_of_the_database(
    sqlite_database: Database, tmp_path: Path
) -> None:
    Vault(lambda: sqlite_database, keys_in(tmp_path)).keep("x", TOKENS)
    key = (tmp_path / ".karnay" / "vault.key").read_text().strip()
    written = b"".join(file.read_bytes() for file in tmp_path.glob("karnay.db*"))
    assert b"vault" in written
    assert [value for value in (*HIDDEN, key) if value.encode() in written] == []


def test_no_secret_is_in_a_repr_a_log_or_a_traceback(
    vault: Vault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    vault.keep("x", TOKENS)
    (tmp_path / ".karnay" / "vault.key").write_bytes(Fernet.generate_key())
    with pytest.raises(BadConfiguration) as raised:
        vault.tokens("x")
    told = "".join(traceback.format_exception(raised.value)) + caplog.text + repr((vault, TOKENS))
    assert [value for value in HIDDEN if value in told] == []


def test_backups_and_moves_carry_it() -> None:
    assert table in content_tables()


def test_a_secret_reference_is_looked_up_late() -> None:
    said = {"x": "first"}
    reference = SecretRef("vault:x", vault=lambda name: said[name])
    said["x"] = "second"
    assert reference.reveal() == "second"
    assert "second" not in repr(reference)


def test_a_vault_that_nobody_opened_is_said_to_be_so() -> None:
    with pytest.raises(BadConfiguration, match="within a workspace"):
        SecretRef("vault:x").reveal()


def test_a_long_token_is_kept_whole(vault: Vault) -> None:
    long = replace(TOKENS, access_token="é" * 5000, expires_at=NOON + timedelta(days=60))
    vault.keep("linkedin", long)
    assert vault.tokens("linkedin") == long
