"""What a network is to the sandbox: all that the common parts need to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.routing import Route

    from karnay.sandbox.world import World

SECRETS = ".karnay/sandbox"
"""Where a workspace keeps the secret files, relative to its own folder."""


class Api(Protocol):
    """The network's endpoints over a world."""

    def routes(self) -> list[Route]:
        """Those below `/<name>/`."""
        ...


Value = str | bool | list[str]


@dataclass(frozen=True, slots=True)
class Network:
    """One network of the sandbox: `karnay.sandbox.<name>.network` holds it as `NETWORK`.

    `order` is its place on the overview. `secrets` are files and what they hold; they open nothing
    but the sandbox. `account` is the table of karnay.toml for the sandbox at a URL, `platform` and
    `language` aside. `pages` are the permalinks below `/<name>`, with `{account}` and `{id}`; an
    id ends in what stands there, or is it where no account stands. `endpoints` is what the
    addresses of the API begin with below `/<name>/`, a regular expression; `token` finds the secret
    in such an address.
    """

    name: str
    title: str
    order: int
    api: Callable[[World], Api]
    secrets: Mapping[str, str]
    account: Callable[[str], Mapping[str, Value]]
    pages: tuple[str, ...]
    endpoints: str
    token: str = ""
    needs_picture: bool = False  # nothing is published there without one
    more: Callable[[World], Api] | None = field(default=None)  # pages of its own

    def table(self, url: str) -> dict[str, Value]:
        """The whole table, in English; a sandbox has room for any number of posts."""
        common: dict[str, Value] = {"platform": self.name, "language": "en", "budget": []}
        return {**common, **self.account(url)}


def reference(file: str) -> str:
    """The reference to a secret file."""
    return f"file:{SECRETS}/{file}"
