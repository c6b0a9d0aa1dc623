"""Secrets are references until the last moment, and are redacted wherever text leaves us."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from pydantic import SecretStr, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from karnay.errors import BadConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "•••"
_NOT_A_REFERENCE = (
    "a secret must be a reference, never the secret itself: "
    "env:NAME, file:PATH, keyring:SERVICE/NAME, cred:NAME or vault:NAME"
)

# Shapes of secrets that may appear in texts that networks send back.
_SHAPES = re.compile(
    r"bot\d+:[\w-]+"  # Telegram's token stands in the path of every URL
    r"|(?i:bearer|oauth)\s+[^\s\"']{8,}"
    r"|(?i:access_token|refresh_token|oauth_signature|client_secret|password)[\"']?\s*[=:]\s*[\"']?[^\s\"'&,}]+"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+",  # JSON web tokens
)
_known: set[str] = set()

VAULT = "vault"

Vault = Callable[[str], str]
"""What a workspace's vault keeps under a name. Raises BadConfiguration where it cannot be had."""


def no_vault(name: str) -> str:
    """Where no workspace is open, no vault is."""
    raise BadConfiguration.of(f"{VAULT}:{name} can be read within a workspace only")


def remember(secret: SecretStr) -> SecretStr:
    """Have every later `redact` hide this value; returns it unchanged."""
    value = secret.get_secret_value()
    if len(value) >= 4:
        _known.add(value)
    return secret


def remember_all(values: Iterable[str]) -> None:
    """Have every later `redact` hide these values, also as they stand in addresses and forms."""
    for value in values:
        for written in {value, quote(value, safe=""), quote_plus(value)}:
            remember(SecretStr(written))


def redact(text: str) -> str:
    """The text with every known secret, and all that is shaped like one, masked."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _SHAPES.sub(MASK, text)


def resolve(reference: str, folder: Path, vault: Vault = no_vault) -> SecretStr:
    """The secret behind `env:NAME`, `file:PATH`, `keyring:SERVICE/NAME`, `cred:` or `vault:NAME`.

    Relative file paths start at `folder`, the workspace, whose `vault` keeps log-ins. The secret
    itself is no reference: karnay.toml is kept under version control. Raises BadConfiguration.
    """
    scheme, colon, rest = reference.partition(":")
    if not colon or scheme not in _SCHEMES:
        raise BadConfiguration.of(_NOT_A_REFERENCE)
    value = (vault(rest) if scheme == VAULT else _RESOLVERS[scheme](rest, folder)).strip()
    if not value:
        raise BadConfiguration.of(f"{reference} is empty")
    return remember(SecretStr(value))


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A reference to a secret, resolved only when it is used; its repr shows the reference."""

    reference: str
    folder: Path = field(default=Path(), repr=False)
    vault: Vault = field(default=no_vault, repr=False, compare=False)

    @property
    def kept_as(self) -> str | None:
        """The name under which the vault keeps it; None for a secret that is elsewhere."""
        scheme, _, name = self.reference.partition(":")
        return name if scheme == VAULT else None

    def reveal(self) -> str:
        """The secret itself. Raises BadConfiguration where it cannot be had."""
        return resolve(self.reference, self.folder, self.vault).get_secret_value()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """Read from a string in karnay.toml.

        The validation context may hold the workspace's `folder` and `vault`, and the `account`,
        under whose name `vault:` alone is kept.
        """
        return core_schema.with_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def _validated(cls, value: object, info: ValidationInfo) -> SecretRef:
        if isinstance(value, SecretRef):
            return value
        if not isinstance(value, str) or value.partition(":")[0] not in _SCHEMES:
            raise ValueError(_NOT_A_REFERENCE)
        context = info.context or {}
        reference = f"{value}{context.get('account', '')}" if value == f"{VAULT}:" else value
        return cls(reference, context.get("folder", Path()), context.get("vault", no_vault))

    def __str__(self) -> str:
        """The reference, which is no secret."""
        return self.reference


def _from_environment(name: str, _folder: Path) -> str:
    if name not in os.environ:
        raise BadConfiguration.of(f"environment variable {name} is not set")
    return os.environ[name]


def _from_file(path: str, folder: Path) -> str:
    try:
        return (folder / Path(path).expanduser()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadConfiguration.of(f"cannot read the secret file {path}: {reason}") from None


def _from_credentials(name: str, folder: Path) -> str:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise BadConfiguration.of(f"cred:{name} needs systemd's LoadCredential=")
    return _from_file(str(Path(directory) / name), folder)


def _from_keyring(name: str, _folder: Path) -> str:
    service, _, user = name.partition("/")
    try:
        import keyring  # noqa: PLC0415 - an optional extra

        value = keyring.get_password(service, user)
    except ImportError:
        raise BadConfiguration.of(
            "keyring: needs the extra, pip install 'karnay[keyring]'"
        ) from None
    except Exception as error:  # noqa: BLE001 - backends raise whatever they like
        raise BadConfiguration.of(f"the keyring cannot be read: {type(error).__name__}") from None
    if value is None:
        raise BadConfiguration.of(f"the keyring holds nothing under {name}")
    return str(value)


_RESOLVERS: dict[str, Callable[[str, Path], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "cred": _from_credentials,
    "keyring": _from_keyring,
}
_SCHEMES = frozenset({*_RESOLVERS, VAULT})
