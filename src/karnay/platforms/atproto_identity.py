"""Which server an AT Protocol account lives on, by its handle: https://atproto.com/guides/identity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from karnay.errors import AccountError
from karnay.platforms.answers import ErrorTable, Row
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.platforms.wire import Wire

T = TypeVar("T")

ENTRYWAY = "https://bsky.social"
"""Where accounts log in that Bluesky itself hosts; their data is on servers behind it.

https://docs.bsky.app/docs/advanced-guides/entryway
"""

APP_VIEW = "https://public.api.bsky.app"
"""Where anybody may ask: https://docs.bsky.app/docs/advanced-guides/api-directory"""

DIRECTORY = "https://plc.directory"
"""https://web.plc.directory/api/redoc"""

_OURS, _BEHIND = ".bsky.social", ".host.bsky.network"
_WEB = re.compile(r"did:web:([a-z0-9-]+(?:\.[a-z0-9-]+)+)")

_UNKNOWN = ErrorTable(rows=(Row(400, "", AccountError),))


def entrance(handle: str, wire: Wire) -> str:
    """Where the account of that handle logs in.

    Raises a PublishingError: AccountError where nobody has the handle, or it has no server.
    """
    if handle.endswith(_OURS):
        return ENTRYWAY
    home = data_server(_document(_did(handle, wire), wire))
    if home is None:
        raise AccountError(f"{handle} names no server that keeps its posts")
    return ENTRYWAY if home.endswith(_BEHIND) else home


def data_server(document: Mapping[str, Any]) -> str | None:
    """The server that keeps the records, as the account's document names it."""
    services = document.get("service") or ()
    ends = (
        service["serviceEndpoint"] for service in services if service["id"].endswith("#atproto_pds")
    )
    return next((end.rstrip("/") for end in ends if end.startswith("https://")), None)


def _did(handle: str, wire: Wire) -> str:
    url = f"{APP_VIEW}/xrpc/com.atproto.identity.resolveHandle?handle={handle}"
    return _asked(url, wire, lambda body: str(body["did"]))


def _document(did: str, wire: Wire) -> Mapping[str, Any]:
    web = _WEB.fullmatch(did)
    url = f"https://{web[1]}/.well-known/did.json" if web else f"{DIRECTORY}/{did}"
    return _asked(url, wire, dict)


def _asked(url: str, wire: Wire, read: Callable[[Any], T]) -> T:
    return wire.ask(Call("GET", url), effect=Effect.SAFE, table=_UNKNOWN, read=read)
