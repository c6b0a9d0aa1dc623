"""Uploads: files that somebody gave to a network, published or not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

from karnay.sandbox.pictures import Look, look

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it arrived; `look` is what its bytes show, whatever the client said of them.

    The network works on it until `ready_at`.
    """

    id: str
    platform: str
    owner: str
    name: str
    content: bytes = field(repr=False, hash=False)
    look: Look
    at: datetime
    ready_at: datetime
    alt: str = ""

    def is_ready(self, now: datetime) -> bool:
        """Whether the network is done with it."""
        return now >= self.ready_at

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/published` says of it."""
        return {
            "name": self.name,
            "mime": self.look.mime,
            "size": len(self.content),
            "width": self.look.width,
            "height": self.look.height,
            "alt": self.alt,
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }


class Uploads:
    """All uploads, by an id that is unique over all networks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        self._uploads: dict[str, Upload] = {}

    def put(  # noqa: PLR0913 - what is known of a file
        self,
        platform: str,
        owner: str,
        content: bytes,
        *,
        name: str,
        now: datetime,
        takes: timedelta,
        alt: str = "",
        id_: str = "",
    ) -> Upload:
        """Keep a file, on which the network works for as long as it `takes`; returns it."""
        with self._lock:
            number = id_ or f"{next(self._numbers):09}"
            upload = Upload(
                number, platform, owner, name, content, look(content), now, now + takes, alt
            )
            self._uploads[number] = upload
            return upload

    def describe(self, upload: Upload, alt: str) -> Upload:
        """Say what it shows."""
        with self._lock:
            self._uploads[upload.id] = described = replace(upload, alt=alt)
            return described

    def get(self, id_: str) -> Upload | None:
        """The one of that id, or None."""
        return self._uploads.get(id_)
