"""The sandbox's own addresses, and the recording behind one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from karnay.sandbox.mastodon.api import TOKEN as MASTODON
from karnay.sandbox.telegram.api import TOKEN as TELEGRAM

if TYPE_CHECKING:
    import httpx

    from karnay.testing.clock import FixedClock

BODY = '{"chat_id": "@tict_demo",  "text": "\\u0430 á 👋"}'
JSON = {"Content-Type": "application/json"}


def send(client: httpx.Client, body: str = BODY) -> httpx.Response:
    path = f"/telegram/bot{TELEGRAM}/sendMessage"
    return client.post(path, content=body.encode(), headers=JSON)


def recorded(client: httpx.Client, **query: str) -> Any:
    return client.get("/_sandbox/requests", params=query).json()["requests"]


def order(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/_sandbox/faults", json=body)


def test_a_request_is_recorded_byte_for_byte(client: httpx.Client, clock: FixedClock) -> None:
    send(client)
    (request,) = recorded(client)
    assert request["body"] == BODY
    assert request["method"] == "POST"
    assert request["status"] == 200
    assert request["received_at"] == clock.now().isoformat()


def test_a_refused_request_is_recorded_too(client: httpx.Client) -> None:
    send(client, "no json")
    assert [(request["body"], request["status"]) for request in recorded(client)] == [
        ("no json", 400)
    ]


def test_requests_are_recorded_in_order_with_their_query(client: httpx.Client) -> None:
    client.get("/mastodon/api/v2/instance?lang=%D1%83%D0%B7")
    send(client)
    assert [request["platform"] for request in recorded(client)] == ["mastodon", "telegram"]
    assert recorded(client)[0]["path"] == "/mastodon/api/v2/instance?lang=%D1%83%D0%B7"


def test_the_recording_can_be_asked_by_platform(client: httpx.Client) -> None:
    client.get("/mastodon/api/v2/instance")
    send(client)
    assert [request["platform"] for request in recorded(client, platform="telegram")] == [
        "telegram"
    ]


def test_pages_and_controls_are_not_recorded(client: httpx.Client) -> None:
    client.get("/")
    client.get("/_sandbox/faults")
    client.get("/telegram/s/tict_demo")
    assert recorded(client) == []


def test_no_token_is_in_the_recording(client: httpx.Client) -> None:
    send(client)
    headers = {"Authorization": f"Bearer {MASTODON}"}
    client.get("/mastodon/api/v1/accounts/verify_credentials", headers=headers)
    text = client.get("/_sandbox/requests").text
    assert TELEGRAM not in text
    assert MASTODON not in text
    assert recorded(client)[0]["path"] == "/telegram/bot•••/sendMessage"
    assert recorded(client)[1]["headers"]["authorization"] == "Bearer •••"


def test_what_is_public_is_told_as_threads(client: httpx.Client, clock: FixedClock) -> None:
    first = send(client).json()["result"]["message_id"]
    send(client, '{"chat_id": "@tict_demo", "text": "Another"}')
    reply = f'{{"chat_id":"@tict_demo","text":"More","reply_parameters":{{"message_id":{first}}}}}'
    send(client, reply)
    threads = client.get("/_sandbox/published").json()["threads"]
    assert [[post["text"] for post in thread] for thread in threads] == [
        ["а á 👋", "More"],
        ["Another"],
    ]
    assert threads[0][1] == {
        "platform": "telegram",
        "account": "tict_demo",
        "id": "4",
        "link": "http://sandbox.test/telegram/tict_demo/4",
        "text": "More",
        "reply_to": "2",
        "at": clock.now().isoformat(),
        "media": [],
    }


def test_a_fault_can_be_ordered_seen_and_cleared(client: httpx.Client) -> None:
    expected = {"telegram": {"fault": "500", "times": 1, "seconds": 0}}
    assert order(client, platform="telegram", fault="500").json() == expected
    assert client.get("/_sandbox/faults").json() == expected
    assert client.delete("/_sandbox/faults").json() == {}
    assert send(client).is_success


def test_one_platform_can_be_healed_alone(client: httpx.Client) -> None:
    order(client, platform="telegram", fault="drop", times=None)
    order(client, platform="x", fault="slow", seconds=3)
    left = client.delete("/_sandbox/faults", params={"platform": "telegram"}).json()
    assert left == {"x": {"fault": "slow", "times": 1, "seconds": 3}}


def test_weather_can_be_ordered_seen_and_cleared(client: httpx.Client) -> None:
    asked = {"faults": ["drop", "503"], "probability": 0.25, "seed": 7, "seconds": 0.1}
    assert order(client, platform="x", **asked).json() == {"x": asked}
    assert "drop, 503 to 25% of all requests" in client.get("/").text
    assert client.delete("/_sandbox/faults").json() == {}


def test_what_is_public_can_be_asked_by_account(client: httpx.Client) -> None:
    send(client)
    send(client, '{"chat_id": "@elsewhere", "text": "There"}')
    asked = {"platform": "telegram", "account": "elsewhere"}
    threads = client.get("/_sandbox/published", params=asked).json()["threads"]
    assert [[post["text"] for post in thread] for thread in threads] == [["There"]]


@pytest.mark.parametrize(
    "body",
    [
        {"platform": "x", "faults": [], "probability": 0.5},
        {"platform": "x", "faults": ["drop"], "probability": 1.5},
        {"platform": "x", "faults": ["drop"]},
        {"platform": "x", "faults": ["drop"], "fault": "drop", "probability": 0.5},
        {"platform": "myspace", "fault": "drop"},
        {"platform": "x", "fault": "explode"},
        {"platform": "x", "fault": "drop", "times": 0},
        {"platform": "x", "fault": "drop", "secs": 1},
        {},
    ],
)
def test_an_impossible_order_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    assert order(client, **body).status_code == 422
    assert client.get("/_sandbox/faults").json() == {}
