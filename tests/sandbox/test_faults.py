"""Faults: how many requests they meet, and what each network then says."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from films import a_film
from karnay.sandbox.bluesky.api import PASSWORD
from karnay.sandbox.bluesky.repo import HANDLE
from karnay.sandbox.facebook.api import page_id
from karnay.sandbox.faults import Fault, Faults, Kind, Weather
from karnay.sandbox.instagram.api import user_id
from karnay.sandbox.linkedin.asking import ORGANIZATION
from karnay.sandbox.linkedin.asking import TOKEN as LINKEDIN
from karnay.sandbox.mastodon.api import TOKEN as MASTODON
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.telegram.api import TOKEN as TELEGRAM
from karnay.sandbox.threads.api import user_id as profile_id
from karnay.sandbox.x.identity import USER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from karnay.sandbox.world import World


FILM = a_film()


def to_telegram(client: httpx.Client, text: str) -> httpx.Response:
    body = {"chat_id": "@tict_demo", "text": text}
    return client.post(f"/telegram/bot{TELEGRAM}/sendMessage", json=body)


def to_mastodon(client: httpx.Client, text: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {MASTODON}"}
    return client.post("/mastodon/api/v1/statuses", json={"status": text}, headers=headers)


def to_bluesky(client: httpx.Client, text: str) -> httpx.Response:
    who = {"identifier": HANDLE, "password": PASSWORD}
    session = client.post("/bluesky/xrpc/com.atproto.server.createSession", json=who).json()
    record = {"text": text, "createdAt": "2026-11-24T04:00:00Z"}
    body = {"repo": HANDLE, "collection": "app.bsky.feed.post", "record": record}
    headers = {"Authorization": f"Bearer {session['accessJwt']}"}
    path = "/bluesky/xrpc/com.atproto.repo.createRecord"
    return client.post(path, json=body, headers=headers)


def to_x(client: httpx.Client, text: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {USER_TOKEN}"}
    return client.post("/x/2/tweets", json={"text": text}, headers=headers)


def to_facebook(client: httpx.Client, text: str) -> httpx.Response:
    headers = {"Authorization": "Bearer sandbox-facebook"}
    path = f"/facebook/v25.0/{page_id('tict_demo')}/feed"
    return client.post(path, json={"message": text}, headers=headers)


def to_instagram(client: httpx.Client, text: str) -> httpx.Response:
    headers = {"Authorization": "Bearer sandbox-instagram"}
    user = f"/instagram/v25.0/{user_id('tict_demo')}"
    body = {"caption": text, "media_type": "REELS", "upload_type": "resumable"}
    container = client.post(f"{user}/media", json=body, headers=headers).json()["id"]
    whole = {**headers, "offset": "0", "file_size": str(len(FILM))}
    address = f"/instagram/ig-api-upload/v25.0/{container}"
    assert client.post(address, content=FILM, headers=whole).is_success
    body = {"creation_id": container}
    return client.post(f"{user}/media_publish", json=body, headers=headers)


def to_linkedin(client: httpx.Client, text: str) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {LINKEDIN}",
        "LinkedIn-Version": "202604",
        "X-Restli-Protocol-Version": "2.0.0",
    }
    body = {
        "author": ORGANIZATION,
        "commentary": re.sub(r"([|{}@\[\]()<>#\\*_~])", r"\\\1", text),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
    }
    return client.post("/linkedin/rest/posts", json=body, headers=headers)


def to_threads(client: httpx.Client, text: str) -> httpx.Response:
    headers = {"Authorization": "Bearer sandbox-threads"}
    user = f"/threads/v1.0/{profile_id('tict_demo')}"
    body = {"media_type": "TEXT", "text": text}
    container = client.post(f"{user}/threads", json=body, headers=headers).json()["id"]
    body = {"creation_id": container}
    return client.post(f"{user}/threads_publish", json=body, headers=headers)


PUBLISH: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
    "telegram": to_telegram,
    "mastodon": to_mastodon,
    "bluesky": to_bluesky,
    "x": to_x,
    "facebook": to_facebook,
    "instagram": to_instagram,
    "linkedin": to_linkedin,
    "threads": to_threads,
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_without_faults_all_is_published(client: httpx.Client, world: World, platform: str) -> None:
    assert PUBLISH[platform](client, "Hello").is_success
    assert [post.platform for post in world.ledger.all()] == [platform]


@pytest.mark.parametrize(
    ("platform", "kind", "status", "words"),
    [
        ("telegram", Kind.REFUSE, 400, "message is too long"),
        ("mastodon", Kind.REFUSE, 422, "Text character limit of 500 exceeded"),
        ("bluesky", Kind.REFUSE, 400, "grapheme too big"),
        ("x", Kind.REFUSE, 400, "too long"),
        ("facebook", Kind.REFUSE, 400, "(#100) Invalid parameter"),
        ("instagram", Kind.REFUSE, 400, "(#100) Invalid parameter"),
        ("threads", Kind.REFUSE, 400, "(#100) Invalid parameter"),
        ("facebook", Kind.RATE_LIMIT, 400, "(#80001)"),
        ("instagram", Kind.RATE_LIMIT, 400, "(#80002)"),
        ("threads", Kind.RATE_LIMIT, 400, "(#4)"),
        ("facebook", Kind.BROKEN, 500, "is_transient"),
        ("instagram", Kind.BROKEN, 500, "is_transient"),
        ("linkedin", Kind.REFUSE, 400, "FIELD_LENGTH_TOO_LONG"),
        ("threads", Kind.BROKEN, 500, "is_transient"),
        ("telegram", Kind.RATE_LIMIT, 429, "Too Many Requests: retry after 30"),
        ("mastodon", Kind.RATE_LIMIT, 429, "Too many requests"),
        ("bluesky", Kind.RATE_LIMIT, 429, "RateLimitExceeded"),
        ("x", Kind.RATE_LIMIT, 429, "Too Many Requests"),
        ("linkedin", Kind.RATE_LIMIT, 429, "TOO_MANY_REQUESTS"),
        ("telegram", Kind.BROKEN, 500, "Internal Server Error"),
        ("mastodon", Kind.BROKEN, 500, "something went wrong"),
        ("bluesky", Kind.BROKEN, 500, "InternalServerError"),
        ("x", Kind.BROKEN, 500, "Internal Server Error"),
        ("linkedin", Kind.BROKEN, 500, "Internal Server Error"),
    ],
)
def test_a_fault_is_worded_as_the_network_does_and_stores_nothing(
    client: httpx.Client, world: World, platform: str, kind: Kind, status: int, words: str
) -> None:
    world.faults.put(platform, Fault(kind, seconds=30))
    answer = PUBLISH[platform](client, "Hello")
    assert answer.status_code == status
    assert words in answer.text
    assert world.ledger.all() == []


@pytest.mark.parametrize(
    ("platform", "moment"),
    [
        ("telegram", lambda answer: answer.headers["Retry-After"]),
        ("telegram", lambda answer: answer.json()["parameters"]["retry_after"]),
        ("bluesky", lambda answer: answer.headers["Retry-After"]),
    ],
)
def test_how_long_to_wait_is_told_in_seconds(
    client: httpx.Client, world: World, platform: str, moment: Callable[[Any], Any]
) -> None:
    world.faults.put(platform, Fault(Kind.RATE_LIMIT, seconds=29.1))
    assert int(moment(PUBLISH[platform](client, "Hello"))) == 30


@pytest.mark.parametrize(
    ("platform", "moment"),
    [
        ("mastodon", lambda headers: datetime.fromisoformat(headers["X-RateLimit-Reset"])),
        ("x", lambda headers: datetime.fromtimestamp(int(headers["x-rate-limit-reset"]))),  # noqa: DTZ006 - only its timestamp is compared
        ("bluesky", lambda headers: datetime.fromtimestamp(int(headers["RateLimit-Reset"]))),  # noqa: DTZ006
    ],
)
def test_or_as_the_moment_of_the_reset(
    client: httpx.Client, world: World, platform: str, moment: Callable[[Any], datetime]
) -> None:
    world.faults.put(platform, Fault(Kind.RATE_LIMIT, seconds=30))
    reset = moment(PUBLISH[platform](client, "Hello").headers).timestamp()
    assert reset == world.clock.now().timestamp() + 30


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("kind", "status", "made"),
    [
        (Kind.BROKEN_MADE, 500, 1),
        (Kind.UNAVAILABLE, 503, 0),
        (Kind.GATEWAY, 502, 0),
        (Kind.GATEWAY_MADE, 502, 1),
        (Kind.PAGE, 200, 0),
        (Kind.PAGE_MADE, 200, 1),
        (Kind.OTHER_JSON, 200, 1),
    ],
)
def test_a_fault_stores_what_it_says(
    client: httpx.Client, world: World, platform: str, kind: Kind, status: int, made: int
) -> None:
    world.faults.put(platform, Fault(kind))
    assert PUBLISH[platform](client, "Hello").status_code == status
    assert len(world.ledger.all()) == made


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_silent_rate_limit_stores_nothing(
    client: httpx.Client, world: World, platform: str
) -> None:
    world.faults.put(platform, Fault(Kind.RATE_LIMIT_SILENT))
    # Meta's networks know a throttle by its code; all others have a status for it.
    assert PUBLISH[platform](client, "Hello").status_code in (429, 400)
    assert world.ledger.all() == []


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset", "x-rate-limit-reset"])
def test_a_silent_rate_limit_names_no_moment(
    client: httpx.Client, world: World, platform: str, header: str
) -> None:
    world.faults.put(platform, Fault(Kind.RATE_LIMIT_SILENT))
    answer = PUBLISH[platform](client, "Hello")
    assert header not in answer.headers
    assert "parameters" not in answer.json()


def test_a_slow_answer_is_late_but_its_post_is_there(client: httpx.Client, world: World) -> None:
    world.faults.put("telegram", Fault(Kind.SLOW, seconds=0.01))
    assert to_telegram(client, "Hello").is_success
    assert len(world.ledger.all()) == 1


def test_a_fault_meets_as_many_requests_as_was_ordered(client: httpx.Client, world: World) -> None:
    world.faults.put("telegram", Fault(Kind.BROKEN, times=2))
    statuses = [to_telegram(client, "Hello").status_code for _ in range(3)]
    assert statuses == [500, 500, 200]


def test_a_fault_without_number_stays_until_it_is_healed(
    client: httpx.Client, world: World
) -> None:
    world.faults.put("telegram", Fault(Kind.BROKEN, times=None))
    assert [to_telegram(client, "Hello").status_code for _ in range(3)] == [500] * 3
    world.faults.heal()
    assert to_telegram(client, "Hello").is_success


def test_a_fault_of_one_platform_spares_the_others(client: httpx.Client, world: World) -> None:
    world.faults.put("telegram", Fault(Kind.BROKEN))
    assert to_mastodon(client, "Hello").is_success


def test_reading_meets_no_fault(client: httpx.Client, world: World) -> None:
    world.faults.put("telegram", Fault(Kind.BROKEN))
    assert client.get(f"/telegram/bot{TELEGRAM}/getMe").is_success
    assert world.faults.all() == {"telegram": Fault(Kind.BROKEN)}


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.SLOW])
@pytest.mark.parametrize("times", [1, 2, None])
def test_a_fault_that_needs_a_post_waits_for_one(
    client: httpx.Client, world: World, kind: Kind, times: int | None
) -> None:
    world.faults.put("telegram", Fault(kind, times, 0.01))
    assert to_telegram(client, "").status_code == 400
    assert world.faults.all() == {"telegram": Fault(kind, times, 0.01)}


EITHER = (Kind.BROKEN, Kind.UNAVAILABLE)


def weather(client: httpx.Client, world: World, seed: int) -> list[int]:
    """What forty requests are answered in the weather of that seed."""
    world.faults.let("telegram", Weather(EITHER, 0.5, seed))
    return [to_telegram(client, "Hello").status_code for _ in range(40)]


def test_weather_is_the_same_for_the_same_seed(client: httpx.Client, world: World) -> None:
    assert weather(client, world, 1) == weather(client, world, 1) != weather(client, world, 2)


def test_weather_is_made_of_all_its_faults_and_of_none(client: httpx.Client, world: World) -> None:
    assert set(weather(client, world, 1)) == {200, 500, 503}


def test_an_ordered_fault_comes_before_the_weather(client: httpx.Client, world: World) -> None:
    world.faults.let("telegram", Weather((Kind.UNAVAILABLE,), 1))
    world.faults.put("telegram", Fault(Kind.BROKEN))
    assert [to_telegram(client, "Hello").status_code for _ in range(2)] == [500, 503]


def test_weather_leaves_nothing_behind_for_a_request_that_failed_anyway(
    client: httpx.Client, world: World
) -> None:
    world.faults.let("telegram", Weather((Kind.DROP,), 1))
    assert to_telegram(client, "").status_code == 400
    world.faults.let("telegram", Weather((Kind.DROP,), 0))
    assert to_telegram(client, "Hello").is_success


def test_healing_ends_the_weather(client: httpx.Client, world: World) -> None:
    world.faults.let("telegram", Weather((Kind.BROKEN,), 1))
    world.faults.heal("telegram")
    assert to_telegram(client, "Hello").is_success


def test_healing_one_platform_leaves_the_others() -> None:
    faults = Faults()
    faults.put("telegram", Fault(Kind.DROP))
    faults.put("x", Fault(Kind.DROP))
    faults.heal("telegram")
    assert list(faults.all()) == ["x"]


def test_a_new_fault_takes_the_place_of_the_old() -> None:
    faults = Faults()
    faults.put("x", Fault(Kind.DROP))
    faults.put("x", Fault(Kind.SLOW))
    assert faults.take("x") == Fault(Kind.SLOW)
    assert faults.take("x") is None
