"""Answers as X documents them or has been seen to give them: https://docs.x.com/x-api."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from karnay.platforms.calls import Json


_POST = "1990000000000000002"


def _problem(title: str, detail: str, kind: str = "about:blank", **more: Any) -> Json:
    address = kind if ":" in kind else f"https://api.x.com/2/problems/{kind}"
    return {"title": title, "detail": detail, "type": address, **more}


def _refusals() -> Iterable[Refusal]:
    invalid = _problem(
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        "invalid-request",
        errors=[{"message": "Your Tweet text is too long.", "parameters": {}}],
    )
    yield Refusal(400, invalid, Rejected)
    yield Refusal(401, _problem("Unauthorized", "Unauthorized", status=401), AccountError)
    spent = _problem("CreditsDepleted", "Your enrolled account has no credits.", "credits")
    yield Refusal(402, spent, AccountError)
    capped = _problem("SpendCapReached", "The spend cap is reached.", "credits")
    yield Refusal(403, {**capped, "reset_date": "2026-12-01"}, AccountError)
    permission = (
        "Your client app is not configured with the appropriate oauth1 app permissions"
        " for this endpoint."
    )
    yield Refusal(403, _problem("Forbidden", permission, "oauth1-permissions"), AccountError)
    enrolled = _problem("Client Forbidden", "Not enrolled.", "client-forbidden")
    yield Refusal(403, {**enrolled, "reason": "client-not-enrolled"}, AccountError)
    quoting = "You can only reply to or quote posts where you are mentioned or are the author."
    foreign = _problem("Forbidden", quoting, "not-authorized-for-resource")
    yield Refusal(403, foreign, Rejected)
    forbidden = "You are not permitted to perform this action."
    yield Refusal(403, _problem("Forbidden", forbidden, status=403), Rejected)
    many = _problem("Too Many Requests", "Too Many Requests", status=429)
    yield Refusal(429, many, RateLimited, {"x-rate-limit-reset": "1893456000"})
    daily = {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": "1893499200"}
    yield Refusal(429, many, RateLimited, {"x-rate-limit-reset": "1893456000", **daily})


_ME = {"data": {"id": "2244994945", "name": "TICT", "username": "tict_uz"}}
_EPOCH = {"expires_at": 1893456000}
_COUNTED = {
    "retweet_count": 3,
    "reply_count": 1,
    "like_count": 12,
    "quote_count": 2,
    "bookmark_count": 4,
    "impression_count": 800,
}
_READ = {"data": {"id": _POST, "text": "...", "public_metrics": _COUNTED}}
_DONE = {"processing_info": {"state": "succeeded", "progress_percent": 100}}


def _made(digit: int) -> Exchange:
    post = {"id": f"{_POST[:-1]}{digit}", "text": "...", "edit_history_post_ids": []}
    return Exchange("POST", "/2/tweets", 201, {"data": post})


def _file(digit: int, **more: Any) -> dict[str, Any]:
    number = f"188002810602051584{digit}"
    return {"data": {"id": number, "media_key": f"3_{number}", "expires_after_secs": 86400, **more}}


def _uploads() -> Iterable[Exchange]:
    yield from (Exchange("POST", "/2/media/upload", 200, _file(digit)) for digit in range(4))
    begun = "/2/media/upload/initialize"
    yield from (Exchange("POST", begun, 200, _file(digit)) for digit in range(4))
    yield Exchange("POST", "/append", 200, {"data": _EPOCH})
    yield Exchange("POST", "/finalize", 200, _file(0, processing_info={"state": "pending"}))
    yield Exchange("GET", "/2/media/upload", 200, _file(0, **_DONE))
    yield Exchange("POST", "/2/media/metadata", 200, _file(0))


SAMPLE = Sample(
    account={
        "platform": "x",
        "consumer_key": "env:X_CONSUMER_KEY",
        "consumer_secret": "env:X_CONSUMER_SECRET",
        "access_token": "env:X_ACCESS_TOKEN",
        "access_token_secret": "env:X_ACCESS_TOKEN_SECRET",
    },
    secrets={
        "X_CONSUMER_KEY": "xvz1evFS4wEEPTGEFPHBog",
        "X_CONSUMER_SECRET": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "X_ACCESS_TOKEN": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "X_ACCESS_TOKEN_SECRET": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    },
    network=(
        *map(_made, (2, 3, 4)),
        *_uploads(),
        Exchange("GET", f"/2/tweets/{_POST}", 200, _READ),
        Exchange("DELETE", f"/2/tweets/{_POST}", 200, {"data": {"deleted": True}}),
        Exchange("GET", "/2/users/me", 200, _ME),
        Exchange("GET", "/2/users/2244994945/tweets", 200, {"meta": {"result_count": 0}}),
    ),
    refusals=tuple(_refusals()),
)
