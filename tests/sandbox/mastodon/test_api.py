"""Mastodon's API, asked as a client asks it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.sandbox.mastodon.api import TOKEN

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock

API = "/mastodon/api/v1"
STATUSES = f"{API}/statuses"


def as_user(name: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}{name and '-' + name}"}


def publish(client: httpx.Client, status: str = "Hello", key: str = "", **body: Any) -> Any:
    headers = {**as_user(), **({"Idempotency-Key": key} if key else {})}
    return client.post(STATUSES, json={"status": status, **body}, headers=headers)


def account_id(client: httpx.Client) -> str:
    return str(client.get(f"{API}/accounts/verify_credentials", headers=as_user()).json()["id"])


def timeline(client: httpx.Client, headers: dict[str, str] | None = None, **query: Any) -> Any:
    path = f"{API}/accounts/{account_id(client)}/statuses"
    return client.get(path, params=query, headers=headers or {}).json()


def test_a_status_is_answered_with_its_address(client: httpx.Client) -> None:
    status = publish(client, "Привет, #мир", language="ru", visibility="unlisted").json()
    assert status["url"] == f"http://sandbox.test/mastodon/@tict_demo/{status['id']}"
    assert (status["language"], status["visibility"]) == ("ru", "unlisted")
    assert status["created_at"] == "2026-11-24T04:00:00.000Z"
    assert [tag["name"] for tag in status["tags"]] == ["мир"]


def test_content_is_html_and_source_is_the_text(client: httpx.Client) -> None:
    text = "One <b> & a\u0301\n\nTwo https://example.org/?a=1&b=2"
    status = publish(client, text).json()
    assert status["content"].startswith("<p>One &lt;b&gt; &amp; a\u0301</p><p>Two <a href=")
    source = client.get(f"{STATUSES}/{status['id']}/source", headers=as_user()).json()
    assert source["text"] == text


def test_a_form_is_as_good_as_json(client: httpx.Client) -> None:
    form = {"status": "Ҳа & йўқ", "visibility": "private"}
    assert client.post(STATUSES, data=form, headers=as_user()).json()["visibility"] == "private"


def test_a_reply_knows_its_parent(client: httpx.Client) -> None:
    first = publish(client).json()
    second = publish(client, "More", in_reply_to_id=first["id"]).json()
    assert second["in_reply_to_id"] == first["id"]
    assert second["in_reply_to_account_id"] == first["account"]["id"]


def test_a_reply_to_nothing_is_refused(client: httpx.Client, world: World) -> None:
    answer = publish(client, in_reply_to_id="99")
    assert answer.status_code == 404
    assert answer.json()["error"] == "The post you are trying to reply to does not appear to exist."
    assert world.ledger.all() == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("я" * 501, {}, "Validation failed: Text character limit of 500 exceeded"),
        ("", {}, "Validation failed: Text can't be blank"),
        ("Hi", {"visibility": "secret"}, "Validation failed: Visibility is not included"),
        ("Hi", {"media_ids": ["5"]}, "Media 5 not found or already attached"),
    ],
)
def test_a_status_against_the_rules_is_refused(
    client: httpx.Client, status: str, body: dict[str, Any], error: str
) -> None:
    answer = publish(client, status, **body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(error)


def test_a_repeated_key_gives_the_same_status(client: httpx.Client, world: World) -> None:
    first, again = publish(client, key="k"), publish(client, "Other words", key="k")
    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(world.ledger.all()) == 1


def test_a_key_is_forgotten_after_an_hour(client: httpx.Client, clock: FixedClock) -> None:
    first = publish(client, key="k").json()
    clock.move(timedelta(hours=1))
    assert publish(client, key="k").json()["id"] != first["id"]


def test_a_key_belongs_to_an_account(client: httpx.Client) -> None:
    first = publish(client, key="k").json()
    headers = {**as_user("library"), "Idempotency-Key": "k"}
    other = client.post(STATUSES, json={"status": "Hello"}, headers=headers).json()
    assert other["id"] != first["id"]
    assert other["account"]["username"] == "library"


def test_a_refused_status_does_not_use_up_its_key(client: httpx.Client) -> None:
    publish(client, "", key="k")
    assert publish(client, "Better", key="k").json()["content"] == "<p>Better</p>"


@pytest.mark.parametrize("token", ["", "Bearer wrong", f"Basic {TOKEN}"])
def test_without_a_valid_token_nobody_publishes(client: httpx.Client, token: str) -> None:
    answer = client.post(STATUSES, json={"status": "Hi"}, headers={"Authorization": token})
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})


def test_a_token_without_the_scope_is_refused(client: httpx.Client) -> None:
    answer = client.post(STATUSES, json={"status": "Hi"}, headers=as_user("readonly"))
    assert answer.status_code == 403
    assert answer.json() == {"error": "This action is outside the authorized scopes"}


def test_a_body_that_is_no_json_is_refused(client: httpx.Client) -> None:
    headers = {**as_user(), "Content-Type": "application/json"}
    assert client.post(STATUSES, content=b"{", headers=headers).status_code == 400


def test_the_rate_limit_is_told_with_an_iso_moment(client: httpx.Client) -> None:
    headers = publish(client).headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("300", "299")
    assert headers["X-RateLimit-Reset"] == "2026-11-24T06:00:00.000000Z"


def test_each_request_uses_up_the_limit_until_its_window_ends(
    client: httpx.Client, clock: FixedClock
) -> None:
    publish(client)
    assert publish(client).headers["X-RateLimit-Remaining"] == "298"
    clock.move(timedelta(hours=3))
    assert publish(client).headers["X-RateLimit-Remaining"] == "299"


def test_a_timeline_is_newest_first(client: httpx.Client) -> None:
    ids = [publish(client, f"Status {number}").json()["id"] for number in range(3)]
    assert [status["id"] for status in timeline(client)] == ids[::-1]


def test_min_id_pages_upwards_from_its_neighbour(client: httpx.Client) -> None:
    ids = [publish(client, f"Status {number}").json()["id"] for number in range(4)]
    page = timeline(client, min_id=ids[0], limit=2)
    assert [status["id"] for status in page] == [ids[2], ids[1]]


def test_a_page_holds_at_most_forty(client: httpx.Client) -> None:
    for number in range(41):
        publish(client, f"Status {number}")
    assert len(timeline(client, limit=80)) == 40


def test_replies_can_be_left_out(client: httpx.Client) -> None:
    first = publish(client).json()["id"]
    publish(client, "More", in_reply_to_id=first)
    assert [status["id"] for status in timeline(client, exclude_replies="true")] == [first]


def test_a_private_status_shows_only_to_its_author(client: httpx.Client) -> None:
    status = publish(client, visibility="private").json()
    path = f"{STATUSES}/{status['id']}"
    assert timeline(client) == []
    assert len(timeline(client, as_user())) == 1
    assert client.get(path).json() == {"error": "Record not found"}
    assert client.get(path, headers=as_user()).status_code == 200


def test_a_deleted_status_is_gone(client: httpx.Client) -> None:
    path = f"{STATUSES}/{publish(client).json()['id']}"
    assert client.delete(path, headers=as_user()).json()["text"] == "Hello"
    assert client.get(path).status_code == 404


def test_nobody_deletes_what_is_anothers(client: httpx.Client) -> None:
    path = f"{STATUSES}/{publish(client).json()['id']}"
    assert client.delete(path, headers=as_user("library")).status_code == 404


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_server_tells_its_limits(client: httpx.Client, version: str) -> None:
    configuration = client.get(f"/mastodon/api/{version}/instance").json()["configuration"]
    assert configuration["statuses"] == {
        "max_characters": 500,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    }


def test_ids_and_times_grow_together(client: httpx.Client, clock: FixedClock) -> None:
    first = publish(client).json()
    clock.sleep(1)
    second = publish(client, "Later").json()
    assert int(first["id"]) < int(second["id"])
    assert datetime.fromisoformat(second["created_at"]) == clock.now()
