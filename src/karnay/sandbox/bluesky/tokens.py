"""The session tokens of a Bluesky server: JSON web tokens with a real expiry.

https://github.com/bluesky-social/atproto `packages/pds/src/account-manager/helpers/auth.ts`
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.http import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.clock import Clock

ACCESS = ("com.atproto.appPass", timedelta(minutes=120))
REFRESH = ("com.atproto.refresh", timedelta(days=90))
_SERVICE = timedelta(minutes=30)
_KEY = b"the sandbox signs for itself alone"


def service(method: str) -> tuple[str, timedelta]:
    """The kind of a token with which another service may call that method for the account."""
    return f"service {method}", _SERVICE


def refused(error: str, message: str, status: int = 400) -> Refusal:
    """An XRPC error: always `error` and `message`."""
    return Refusal(status, {"error": error, "message": message})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and checks tokens by the sandbox's clock."""

    clock: Clock
    numbers: Iterator[int] = field(default_factory=count)  # no two tokens are the same

    def made(self, did: str, kind: tuple[str, timedelta]) -> str:
        """A token of that kind for that account."""
        scope, life = kind
        now = self.clock.now()
        claims = {
            "scope": scope,
            "sub": did,
            "aud": "did:web:localhost",
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": str(next(self.numbers)),
        }
        return _signed(claims)

    def checked(self, token: str, kind: tuple[str, timedelta]) -> str:
        """The DID that the token speaks for. Raises the documented refusals."""
        if not token:
            raise refused("AuthMissing", "Authentication Required", 401)
        claims = _claims(token)
        if claims.get("scope") != kind[0]:
            raise refused("InvalidToken", "Bad token scope")
        if claims["exp"] <= self.clock.now().timestamp():
            raise refused("ExpiredToken", "Token has expired")
        return str(claims["sub"])


def _signed(claims: dict[str, Any]) -> str:
    head = _packed(json.dumps({"typ": "at+jwt", "alg": "HS256"}).encode())
    body = f"{head}.{_packed(json.dumps(claims).encode())}"
    return f"{body}.{_signature(body)}"


def _claims(token: str) -> dict[str, Any]:
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body).encode()):
        raise refused("InvalidToken", "Token could not be verified")
    claims: dict[str, Any] = json.loads(_unpacked(body.partition(".")[2]))
    return claims


def _signature(body: str) -> str:
    return _packed(hmac.new(_KEY, body.encode(), hashlib.sha256).digest())


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
