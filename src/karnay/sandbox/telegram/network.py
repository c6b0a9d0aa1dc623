"""Telegram in the sandbox."""

from __future__ import annotations

from karnay.sandbox.network import Network, reference
from karnay.sandbox.telegram.api import TOKEN, TelegramApi
from karnay.sandbox.telegram.pages import ChannelPages

NETWORK = Network(
    name="telegram",
    title="Telegram",
    order=1,
    api=TelegramApi,
    secrets={"telegram-token": TOKEN},
    account=lambda url: {
        "chat": "@tict_demo",
        "token": reference("telegram-token"),
        "api": f"{url}/telegram",
    },
    pages=("/{account}/{id:int}", "/c/{account}/{id:int}"),
    endpoints="bot",
    token=r"(?<=/telegram/bot)[^/?]+",
    more=ChannelPages,
)
