"""The accounts of the sandbox, as karnay.toml and secret files describe them."""

from __future__ import annotations

from karnay.sandbox.bluesky.api import PASSWORD
from karnay.sandbox.bluesky.repo import HANDLE
from karnay.sandbox.mastodon.api import TOKEN as MASTODON_TOKEN
from karnay.sandbox.telegram.api import TOKEN as TELEGRAM_TOKEN
from karnay.sandbox.x import identity as x

FOLDER = ".karnay/sandbox"
"""Where a workspace keeps the secret files, relative to its own folder."""


def secrets() -> dict[str, str]:
    """File name and content of each secret; they open nothing but the sandbox."""
    return {
        "telegram-token": TELEGRAM_TOKEN,
        "mastodon-token": MASTODON_TOKEN,
        "bluesky-password": PASSWORD,
        "x-consumer-key": x.CONSUMER_KEY,
        "x-consumer-secret": x.CONSUMER_SECRET,
        "x-access-token": x.ACCESS_TOKEN,
        "x-access-token-secret": x.ACCESS_TOKEN_SECRET,
    }


def tables(url: str) -> dict[str, dict[str, str | list[str]]]:
    """One account of each platform, in English, on the sandbox at that URL: name and table."""
    return {
        "telegram": {
            **_account("telegram"),
            "chat": "@tict_demo",
            "token": _reference("telegram-token"),
            "api": f"{url}/telegram",
        },
        "mastodon": {
            **_account("mastodon"),
            "server": f"{url}/mastodon",
            "token": _reference("mastodon-token"),
        },
        "bluesky": {
            **_account("bluesky"),
            "handle": HANDLE,
            "password": _reference("bluesky-password"),
            "server": f"{url}/bluesky",
        },
        "x": {
            **_account("x"),
            "consumer_key": _reference("x-consumer-key"),
            "consumer_secret": _reference("x-consumer-secret"),
            "access_token": _reference("x-access-token"),
            "access_token_secret": _reference("x-access-token-secret"),
            "api": f"{url}/x",
            "username": x.MAIN_USER,
        },
    }


def _account(platform: str) -> dict[str, str | list[str]]:
    # A sandbox has room for any number of posts.
    return {"platform": platform, "language": "en", "budget": []}


def _reference(file: str) -> str:
    return f"file:{FOLDER}/{file}"
