"""Sealing what is kept: Fernet (AES-128-CBC and HMAC-SHA-256) by keys that are not in the database.

https://cryptography.io/en/latest/fernet/
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from karnay.errors import BadConfiguration
from karnay.secrets import remember_all

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.secrets import SecretRef

_FILE = "file:"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys behind a reference, one a line: the first seals, each of them opens.

    They are read at every use, so that a key that was added holds at once.
    """

    reference: SecretRef

    def seal(self, text: str) -> str:
        """The text, to be read with these keys only. Raises BadConfiguration without a key."""
        return self._fernet().encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises BadConfiguration where none of the keys fits."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeDecodeError):
            raise BadConfiguration.of(
                f"{self.reference} does not open what the vault holds: put the key back with which "
                "it was sealed, or log in again"
            ) from None

    def make(self) -> None:
        """Make the first key where the reference is a file that is not there; else nothing.

        For a vault that is empty: another key than that of before would open nothing.
        """
        file = self._file()
        if file is None or file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_alone(file, Fernet.generate_key())
        except FileExistsError:  # made meanwhile, by another command
            return
        except OSError as error:
            raise BadConfiguration.of(
                f"cannot write the vault's key {file}: {error.strerror}"
            ) from None

    def _file(self) -> Path | None:
        reference = self.reference.reference
        if not reference.startswith(_FILE):
            return None
        return self.reference.folder / reference.removeprefix(_FILE)

    def _fernet(self) -> MultiFernet:
        keys = re.split(r"[\s,]+", self.reference.reveal())
        remember_all(keys)
        try:
            return MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise BadConfiguration.of(
                f"{self.reference} is no key of a vault: it takes 32 bytes in URL-safe base64"
            ) from None


def _write_alone(file: Path, key: bytes) -> None:
    """A file that only its owner reads; whole, or not there."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(key + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
