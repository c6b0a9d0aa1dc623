"""X's API, asked as a client asks it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from oauthlib.oauth1 import Client as Signer

from karnay.sandbox.x import identity

if TYPE_CHECKING:
    from collections.abc import Generator

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock


class Signed(httpx.Auth):
    """OAuth 1.0a for one user; `secret` may be a wrong one."""

    def __init__(self, name: str = "", secret: str = identity.CONSUMER_SECRET) -> None:
        self._signer = Signer(
            identity.CONSUMER_KEY,
            secret,
            identity.ACCESS_TOKEN + (name and f"-{name}"),
            identity.ACCESS_TOKEN_SECRET,
        )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        _url, headers, _body = self._signer.sign(str(request.url), request.method)
        request.headers.update(headers)
        yield request


def publish(client: httpx.Client, text: str = "Hello", name: str = "", **more: Any) -> Any:
    return client.post("/x/2/tweets", json={"text": text, **more}, auth=Signed(name))


def identifier(answer: httpx.Response) -> str:
    return str(answer.json()["data"]["id"])


def answering(parent: str) -> dict[str, Any]:
    return {"in_reply_to_tweet_id": parent}


def timeline(client: httpx.Client, name: str = "tict_demo", **query: Any) -> Any:
    path = f"/x/2/users/{identity.user_id(name)}/tweets"
    return client.get(path, params=query, auth=Signed()).json()


def test_a_post_is_answered_with_its_id(client: httpx.Client, world: World) -> None:
    answer = publish(client, "Янгилик 👋")
    assert answer.status_code == 201
    assert answer.json()["data"]["text"] == "Янгилик 👋"
    assert [post.id for post in world.ledger.all()] == [identifier(answer)]


def test_addresses_become_short_links(client: httpx.Client) -> None:
    publish(client, "A & B: https://example.org/a?b=c, x.ai")
    (post,) = timeline(client, **{"tweet.fields": "entities"})["data"]
    urls = post["entities"]["urls"]
    assert post["text"].startswith("A &amp; B: https://t.co/")
    assert [url["expanded_url"] for url in urls] == ["https://example.org/a?b=c", "http://x.ai"]
    assert [post["text"][url["start"] : url["end"]] for url in urls] == [url["url"] for url in urls]


@pytest.mark.parametrize(
    "auth",
    [httpx.Auth(), Signed(secret="wrong"), httpx.BasicAuth("a", "b")],
    ids=["none", "wrong", "basic"],
)
def test_without_a_right_signature_nobody_publishes(client: httpx.Client, auth: httpx.Auth) -> None:
    answer = client.post("/x/2/tweets", json={"text": "Hi"}, auth=auth)
    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthorized"


def test_a_signature_for_another_address_is_wrong(client: httpx.Client) -> None:
    signer = Signed()._signer
    _url, headers, _body = signer.sign("https://api.x.com/2/tweets", "POST")
    assert client.post("/x/2/tweets", json={"text": "Hi"}, headers=headers).status_code == 401


def test_a_signature_serves_once(client: httpx.Client) -> None:
    _url, headers, _body = Signed()._signer.sign("http://sandbox.test/x/2/tweets", "POST")
    answers = [client.post("/x/2/tweets", json={"text": text}, headers=headers) for text in "ab"]
    assert [answer.status_code for answer in answers] == [201, 401]


def test_a_user_token_is_as_good_as_a_signature(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {identity.USER_TOKEN}"}
    assert client.post("/x/2/tweets", json={"text": "Hi"}, headers=headers).status_code == 201


def test_the_apps_own_token_may_not_publish(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {identity.APP_TOKEN}"}
    answer = client.post("/x/2/tweets", json={"text": "Hi"}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/unsupported-authentication")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"text": "я" * 281}, "Your Tweet text is too long"),
        ({"text": ""}, "$.text"),
        ({"text": "\ufeff"}, "$.text"),
        ({"text": 5}, "$.text"),
        ({"text": "Hi", "language": "en"}, "does not allow additional properties"),
        ({"text": "Hi", "reply": {"to": "1"}}, "$.reply"),
        ({"text": "Hi", "reply": {"in_reply_to_tweet_id": 5}}, "$.reply.in_reply_to_tweet_id"),
        ({"text": "Hi", "reply_settings": "everyone"}, "$.reply_settings"),
        ({"text": "Hi", "media": {"media_ids": ["5"]}}, "Your media IDs are invalid."),
        ([], "$"),
    ],
)
def test_a_post_against_the_schema_is_refused(
    client: httpx.Client, world: World, body: Any, message: str
) -> None:
    answer = client.post("/x/2/tweets", json=body, auth=Signed())
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request")
    assert message in answer.json()["errors"][0]["message"]
    assert world.ledger.all() == []


def test_280_units_are_taken(client: httpx.Client) -> None:
    assert publish(client, "я" * 280).status_code == 201


@pytest.mark.parametrize("again", ["caf\u00e9", "cafe\u0301", " caf\u00e9 "])
def test_the_same_text_again_is_refused(client: httpx.Client, again: str) -> None:
    publish(client, "caf\u00e9")
    answer = publish(client, again)
    assert answer.status_code == 403
    assert answer.json() == {
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
    }


def test_another_user_may_say_the_same(client: httpx.Client) -> None:
    publish(client)
    assert publish(client, name="library").status_code == 201


def test_a_thread_is_a_row_of_replies(client: httpx.Client, world: World) -> None:
    first = identifier(publish(client))
    second = identifier(publish(client, "More", reply=answering(first)))
    publish(client, "And more", reply=answering(second))
    assert [post.reply_to for post in world.ledger.all()] == ["", first, second]
    shown = timeline(client, **{"post.fields": "conversation_id,referenced_tweets"})["data"]
    assert {post["conversation_id"] for post in shown} == {first}
    assert shown[0]["referenced_tweets"] == [{"type": "replied_to", "id": second}]


def test_a_reply_to_somebody_else_is_refused(client: httpx.Client) -> None:
    theirs = identifier(publish(client, "Their words", name="library"))
    answer = publish(client, "Mine", reply=answering(theirs))
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/not-authorized-for-resource")


def test_a_reply_to_who_mentioned_us_is_taken(client: httpx.Client) -> None:
    theirs = identifier(publish(client, "Hello @tict_demo", name="library"))
    assert publish(client, "Thanks", reply=answering(theirs)).status_code == 201


def test_a_reply_to_nothing_is_refused(client: httpx.Client) -> None:
    assert publish(client, reply=answering("5")).status_code == 403


def test_quotes_and_second_cashtags_are_refused(client: httpx.Client) -> None:
    quoted = publish(client, quote_tweet_id="5")
    cashtags = publish(client, "$GOOG and $AAPL")
    assert (quoted.status_code, cashtags.status_code) == (403, 403)
    assert publish(client, "$GOOG for $5").status_code == 201


def test_a_timeline_is_newest_first_and_paged(client: httpx.Client, clock: FixedClock) -> None:
    ids = []
    for number in range(7):
        clock.sleep(1)
        ids.append(identifier(publish(client, f"Post {number}")))
    first = timeline(client, max_results=5)
    second = timeline(client, max_results=5, pagination_token=first["meta"]["next_token"])
    assert [post["id"] for post in first["data"] + second["data"]] == ids[::-1]
    assert (first["meta"]["newest_id"], first["meta"]["result_count"]) == (ids[-1], 5)
    assert "next_token" not in second["meta"]


def test_an_empty_timeline_has_no_data(client: httpx.Client) -> None:
    assert timeline(client) == {"meta": {"result_count": 0}}


def test_a_timeline_is_cut_by_time_and_id(client: httpx.Client, clock: FixedClock) -> None:
    first = identifier(publish(client))
    clock.sleep(60)
    second = identifier(publish(client, "Later"))
    by_time = timeline(client, start_time=clock.now().isoformat().replace("+00:00", "Z"))
    by_id = timeline(client, since_id=first)
    assert [post["id"] for post in by_time["data"] + by_id["data"]] == [second, second]


@pytest.mark.parametrize(
    "query", [{"max_results": 4}, {"max_results": 101}, {"start_time": "yesterday"}]
)
def test_a_wrong_question_is_refused(client: httpx.Client, query: dict[str, Any]) -> None:
    publish(client)
    assert timeline(client, **query)["status"] == 400


def test_members_come_only_when_asked_for(client: httpx.Client) -> None:
    number = identifier(publish(client))
    plain = client.get(f"/x/2/tweets/{number}", auth=Signed()).json()["data"]
    path = f"/x/2/tweets/{number}?tweet.fields=created_at"
    dated = client.get(path, auth=Signed()).json()["data"]
    assert set(plain) == {"id", "text", "edit_history_tweet_ids"}
    assert dated["created_at"] == "2026-11-24T04:00:00.000Z"


def test_a_post_that_is_not_there_is_an_error_with_status_200(client: httpx.Client) -> None:
    answer = client.get("/x/2/tweets/5", auth=Signed())
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["type"].endswith("/resource-not-found")


def test_a_deleted_text_may_be_said_again(client: httpx.Client, world: World) -> None:
    path = f"/x/2/tweets/{identifier(publish(client))}"
    assert client.delete(path, auth=Signed()).json() == {"data": {"deleted": True}}
    assert world.ledger.all() == []
    assert publish(client).status_code == 201


def test_nobody_deletes_what_is_anothers(client: httpx.Client) -> None:
    path = f"/x/2/tweets/{identifier(publish(client))}"
    assert client.delete(path, auth=Signed("library")).status_code == 403


def test_users_know_who_they_are(client: httpx.Client) -> None:
    me = client.get("/x/2/users/me", auth=Signed("library")).json()["data"]
    assert me == {"id": identity.user_id("library"), "name": "library", "username": "library"}


def test_the_rate_limit_is_told_in_epoch_seconds(client: httpx.Client, clock: FixedClock) -> None:
    headers = publish(client).headers
    reset = int(headers["x-rate-limit-reset"])
    assert headers["x-rate-limit-limit"] == "100"
    assert 0 < reset - clock.now().timestamp() <= 900


def test_the_body_is_read_as_bytes_whatever_their_escapes(client: httpx.Client) -> None:
    content = json.dumps({"text": "Ҳа 👋"}, ensure_ascii=True).encode()
    headers = {"Content-Type": "application/json"}
    answer = client.post("/x/2/tweets", content=content, headers=headers, auth=Signed())
    assert answer.json()["data"]["text"] == "Ҳа 👋"
