"""The public address of files, for networks that fetch them: where they lie, and their names."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from karnay.secrets import SecretRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.media.asset import Asset

NAME_KEY = "media_host.key"
"""The file of the state folder with what nobody can guess; made when it is first needed."""


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("must be an address that begins with https://")
    return value.rstrip("/")


def _within(value: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", Path()), value.expanduser())


_Address = Annotated[str, AfterValidator(_address)]


class Folder(BaseModel):
    """A directory that a web server serves under `url`; a relative `path` is the workspace's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[Path, AfterValidator(_within)]
    url: _Address

    def target(self, name: str) -> str:
        """What stands in the request that puts the file there: its public address."""
        return f"{self.url}/{name}"


class Bucket(BaseModel):
    """A bucket of any service that speaks S3, whose objects are public under `url`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: _Address
    bucket: str
    url: _Address
    key_id: SecretRef
    secret: SecretRef
    region: str = "us-east-1"

    def target(self, name: str) -> str:
        """What stands in the request that puts the file there: path-style, which all speak."""
        return f"{self.endpoint}/{self.bucket}/{name}"


KINDS: Mapping[str, type[Folder | Bucket]] = MappingProxyType({"folder": Folder, "s3": Bucket})
"""What `kind` in karnay.toml's `[media_host]` may say; `none` has nothing to say beside it."""


@dataclass(frozen=True, slots=True)
class MediaHost:
    """Where files are put for networks to fetch, under names that nobody can guess.

    `key` is known to this workspace alone.
    """

    place: Folder | Bucket
    key: bytes = field(repr=False)

    def name(self, asset: Asset, seed: str) -> str:
        """The file's name there: the same for the same asset and seed, and for nothing else.

        32 hexadecimal digits of HMAC-SHA-256, and the ending that goes with the type, by which web
        servers tell it.
        """
        told = hmac.new(self.key, f"{seed}\n{asset.hash}".encode(), hashlib.sha256).hexdigest()
        return told[:32] + (_ENDINGS.get(asset.mime) or mimetypes.guess_extension(asset.mime) or "")

    def target(self, name: str) -> str:
        """The address that the file of that name is put to."""
        return self.place.target(name)

    def url(self, name: str) -> str:
        """The address at which anybody can fetch it."""
        return f"{self.place.url}/{name}"


_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
}


def name_key(folder: Path) -> bytes:
    """What the names of this state folder's files are made of; made now where it is missing.

    Raises OSError.
    """
    file = folder / NAME_KEY
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _made(file)
    return file.read_bytes()


def _made(file: Path) -> None:
    """A file that only its owner reads; whole when it is seen, and never made twice."""
    whole = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_hex(32))
        os.link(whole, file)
    except FileExistsError:
        pass  # another process was first
    finally:
        whole.unlink()
