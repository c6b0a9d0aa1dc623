"""Keeps what HTTP libraries log quiet, and free of secrets where somebody turns it up."""

from __future__ import annotations

import logging

from karnay.secrets import redact

LIBRARIES = ("httpx", "httpcore", "tweepy", "oauthlib", "requests_oauthlib", "urllib3")

# A filter is asked only for what its own logger is given, so each that logs must be named.
_LOGGERS = (
    *LIBRARIES,
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
    "tweepy.client",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "requests_oauthlib.oauth1_auth",
    "urllib3.connectionpool",
)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


def guard() -> None:
    """Have these libraries log warnings only, and never a secret at whatever level.

    They log URLs, headers and what is signed; Telegram's token is in the URL.
    """
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACTING)


_REDACTING = _Redacting()
