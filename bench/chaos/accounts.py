"""The accounts of an attack: several of each platform, some on servers with known quirks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from karnay.cli.toml import with_account
from karnay.sandbox import accounts as sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLATFORMS = ("telegram", "mastodon", "bluesky", "x")
EACH = 8
"""Accounts of each platform: deliveries of one account go out one after the other."""

FORGETS_KEYS = frozenset({"mastodon_1", "mastodon_2", "mastodon_3", "mastodon_4"})
"""Servers that ignore the `Idempotency-Key`, as GoToSocial does."""

STUMBLES_OVER_KEYS = frozenset({"mastodon_5", "mastodon_6"})
"""Servers that answer a repeated key with 500, as Mastodon 4.6.0 to 4.6.5 do.

https://github.com/mastodon/mastodon/issues/40399
"""


def names() -> list[str]:
    """All accounts, by the names that karnay.toml gives them."""
    return [f"{platform}_{number}" for platform in PLATFORMS for number in range(1, EACH + 1)]


def remote(name: str) -> str:
    """What the network calls the account."""
    return (
        f"chaos-{name.replace('_', '-')}.test" if _platform(name) == "bluesky" else f"chaos_{name}"
    )


def write_workspace(folder: Path, url: str, database: str) -> None:
    """A workspace with all the accounts, on the networks at that URL and on that database."""
    state = folder / sandbox.FOLDER
    state.mkdir(parents=True)
    (folder / "posts").mkdir()
    for file, secret in {**sandbox.secrets(), **dict(_secrets())}.items():
        (state / file).write_text(secret, encoding="utf-8")
    text = f'timezone = "Asia/Tashkent"\nlanguages = ["en"]\ndatabase = "{database}"\n'
    tables = sandbox.tables(url)
    for name in names():
        text = with_account(text, name, {**tables[_platform(name)], **_own(name)})
    (folder / "karnay.toml").write_text(text, encoding="utf-8")


def _platform(name: str) -> str:
    return name.partition("_")[0]


def _secrets() -> Iterator[tuple[str, str]]:
    """The tokens that speak for one account alone."""
    shared = sandbox.secrets()
    for name in names():
        if _platform(name) == "mastodon":
            yield f"{name}-token", f"{shared['mastodon-token']}-{remote(name)}"
        if _platform(name) == "x":
            yield f"{name}-token", f"{shared['x-access-token']}-{remote(name)}"


def _own(name: str) -> dict[str, str]:
    """What of an account's table is not as in the sandbox's."""
    token = f"file:{sandbox.FOLDER}/{name}-token"
    return {
        "telegram": {"chat": f"@{remote(name)}"},
        "mastodon": {"token": token},
        "bluesky": {"handle": remote(name)},
        "x": {"access_token": token, "username": remote(name)},
    }[_platform(name)]
