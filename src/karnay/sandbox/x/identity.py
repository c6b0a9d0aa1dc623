"""Who calls X's API: OAuth 1.0a signatures checked by oauthlib, or an OAuth 2.0 user token.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/authorizing-a-request
"""

from __future__ import annotations

import hashlib
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

from oauthlib.oauth1.rfc5849.signature import collect_parameters, verify_hmac_sha1

from karnay.sandbox.http import Refusal, bearer

if TYPE_CHECKING:
    from starlette.requests import Request

CONSUMER_KEY = "sandbox-x-consumer-key"
CONSUMER_SECRET = "sandbox-x-consumer-secret"
ACCESS_TOKEN = "sandbox-x-access-token"
ACCESS_TOKEN_SECRET = "sandbox-x-access-token-secret"
USER_TOKEN = "sandbox-x-user-token"
APP_TOKEN = "sandbox-x-app-token"
MAIN_USER = "tict_demo"

_USER = re.compile(rf"(?:{ACCESS_TOKEN}|{USER_TOKEN})(?:-(\w{{1,15}}))?", re.ASCII)
_PROBLEMS = "https://api.x.com/2/problems"


def user_id(username: str) -> str:
    """The id of a user, the same for the same name."""
    return str(10**17 + int(hashlib.sha256(username.lower().encode()).hexdigest(), 16) % 10**18)


def problem(status: int, title: str, detail: str, kind: str = "") -> Refusal:
    """An error as X shapes it: https://docs.x.com/x-api/fundamentals/response-codes-and-errors."""
    address = f"{_PROBLEMS}/{kind}" if kind else "about:blank"
    body = {"title": title, "detail": detail, "type": address, "status": status}
    return Refusal(status, body, {"content-type": "application/problem+json"})


def unauthorized() -> Refusal:
    """No, or no valid, proof of who calls."""
    return problem(401, "Unauthorized", "Unauthorized")


class Identity:
    """Tells which user a request speaks for."""

    def __init__(self) -> None:
        self._nonces: set[tuple[str, str]] = set()

    async def of(self, request: Request) -> str:
        """The username. Raises the documented 401, and 403 for a token of the app alone."""
        if bearer(request) == APP_TOKEN:
            raise problem(
                403,
                "Unsupported Authentication",
                "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
                "unsupported-authentication",
            )
        token = bearer(request) or self._signed(request)
        found = _USER.fullmatch(token)
        if not found:
            raise unauthorized()
        return found[1] or MAIN_USER

    def _signed(self, request: Request) -> str:
        """The access token of a request whose signature is right for its own address."""
        given = _oauth_parameters(request)
        if not self._fresh(given) or not _signature_is_right(request, given):
            raise unauthorized()
        return str(given.get("oauth_token"))

    def _fresh(self, given: dict[str, str]) -> bool:
        """Whether the nonce is new. Times are not compared: our clock may be a fast one."""
        used = (given.get("oauth_nonce", ""), given.get("oauth_timestamp", ""))
        fresh = all(used) and used not in self._nonces
        self._nonces.add(used)
        return fresh


def _oauth_parameters(request: Request) -> dict[str, str]:
    try:
        headers = dict(request.headers)
        return dict(collect_parameters(headers=headers, exclude_oauth_signature=False))
    except ValueError:
        return {}


def _signature_is_right(request: Request, given: dict[str, str]) -> bool:
    signature = given.pop("oauth_signature", "")
    signed = SimpleNamespace(
        http_method=request.method,
        uri=str(request.url),
        params=[*given.items(), *request.query_params.multi_items()],
        signature=signature,
    )
    ours = (given.get("oauth_consumer_key"), given.get("oauth_signature_method"))
    return ours == (CONSUMER_KEY, "HMAC-SHA1") and bool(
        verify_hmac_sha1(signed, CONSUMER_SECRET, ACCESS_TOKEN_SECRET)
    )
