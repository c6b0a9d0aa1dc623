"""The Bot API, asked as a bot asks it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.sandbox.telegram.api import TOKEN

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock

BOT = f"/telegram/bot{TOKEN}"
CHAT = "@tict_demo"


def send(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post(f"{BOT}/sendMessage", json={"chat_id": CHAT, "text": "Hello", **body})


def message_id(answer: httpx.Response) -> int:
    return int(answer.json()["result"]["message_id"])


def test_a_message_is_answered_as_telegram_does(client: httpx.Client, clock: FixedClock) -> None:
    result = send(client, text="Hello, 👋").json()["result"]
    assert result["text"] == "Hello, 👋"
    assert result["date"] == int(clock.now().timestamp())
    assert result["chat"]["username"] == "tict_demo"
    assert str(result["chat"]["id"]).startswith("-100")


def test_ids_grow_by_one_in_each_channel(client: httpx.Client) -> None:
    sent = [send(client), send(client, chat_id="@elsewhere"), send(client)]
    assert [message_id(answer) for answer in sent] == [2, 2, 3]


def test_entities_and_preview_options_come_back(client: httpx.Client) -> None:
    entities = [{"type": "bold", "offset": 0, "length": 5}]
    options = {"is_disabled": True}
    result = send(client, entities=entities, link_preview_options=options).json()["result"]
    assert (result["entities"], result["link_preview_options"]) == (entities, options)


def test_a_form_is_as_good_as_json(client: httpx.Client, world: World) -> None:
    entities = json.dumps([{"type": "bold", "offset": 0, "length": 2}])
    form = {"chat_id": CHAT, "text": "Ҳа & йўқ", "entities": entities}
    assert client.post(f"{BOT}/sendMessage", data=form).status_code == 200
    assert [post.text for post in world.ledger.all()] == ["Ҳа & йўқ"]


def test_a_channel_may_be_named_by_its_number(client: httpx.Client) -> None:
    number = send(client).json()["result"]["chat"]["id"]
    assert send(client, chat_id=number).json()["result"]["chat"]["username"] == "tict_demo"


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"chat_id": "@ab"}, "Bad Request: chat not found"),
        ({"chat_id": -1001}, "Bad Request: chat not found"),
        ({"chat_id": ""}, "Bad Request: chat_id is empty"),
        ({"parse_mode": "HTML"}, "Bad Request: unsupported parse_mode"),
        (
            {"reply_parameters": {"message_id": 99}},
            "Bad Request: message to be replied not found",
        ),
        ({"entities": [{"type": "bold", "offset": 9, "length": 9}]}, "Bad Request: entity begin"),
    ],
)
def test_a_message_against_the_rules_is_refused(
    client: httpx.Client, world: World, body: dict[str, Any], description: str
) -> None:
    answer = send(client, **body)
    assert answer.status_code == answer.json()["error_code"] == 400
    assert answer.json()["description"].startswith(description)
    assert world.ledger.all() == []


def test_a_reply_points_at_its_parent(client: httpx.Client, world: World) -> None:
    first = message_id(send(client))
    result = send(client, reply_parameters={"message_id": first}).json()["result"]
    assert result["reply_to_message"]["message_id"] == first
    assert world.ledger.all()[1].reply_to == str(first)


def test_a_reply_shows_its_parent_but_no_grandparent(client: httpx.Client) -> None:
    first = message_id(send(client))
    second = message_id(send(client, reply_parameters={"message_id": first}))
    third = send(client, reply_parameters={"message_id": second}).json()["result"]
    assert "reply_to_message" not in third["reply_to_message"]


def test_a_reply_to_nothing_goes_out_alone_when_allowed(client: httpx.Client) -> None:
    reply = {"message_id": 99, "allow_sending_without_reply": True}
    assert "reply_to_message" not in send(client, reply_parameters=reply).json()["result"]


@pytest.mark.parametrize(
    ("path", "status", "description"),
    [
        ("/telegram/bot1:someone-elses/getMe", 401, "Unauthorized"),
        ("/telegram/botnonsense/getMe", 404, "Not Found"),
        (f"{BOT}/sendTelepathy", 404, "Not Found"),
    ],
)
def test_a_wrong_address_is_refused(
    client: httpx.Client, path: str, status: int, description: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["description"]) == (status, description)


def test_a_body_that_is_no_object_is_refused(client: httpx.Client) -> None:
    answer = client.post(f"{BOT}/sendMessage", content=b"[1]")
    assert answer.status_code == 400


def test_the_bot_is_an_administrator_that_may_post(client: httpx.Client) -> None:
    me = client.get(f"{BOT}/getMe").json()["result"]
    asked = {"chat_id": CHAT, "user_id": str(me["id"])}
    member = client.get(f"{BOT}/getChatMember", params=asked).json()["result"]
    assert member["status"] == "administrator"
    assert member["can_post_messages"] is True


def test_strangers_are_no_members(client: httpx.Client) -> None:
    asked = {"chat_id": CHAT, "user_id": "5"}
    assert client.get(f"{BOT}/getChatMember", params=asked).status_code == 400


def test_a_channel_tells_who_it_is(client: httpx.Client) -> None:
    chat = client.get(f"{BOT}/getChat", params={"chat_id": CHAT}).json()["result"]
    assert (chat["type"], chat["username"]) == ("channel", "tict_demo")


def delete(client: httpx.Client, number: int) -> httpx.Response:
    return client.post(f"{BOT}/deleteMessage", json={"chat_id": CHAT, "message_id": number})


def test_a_deleted_message_is_gone(client: httpx.Client, world: World) -> None:
    number = message_id(send(client))
    assert delete(client, number).json()["result"] is True
    assert world.ledger.all() == []
    assert delete(client, number).json()["description"] == (
        "Bad Request: message to delete not found"
    )


def test_a_message_of_48_hours_stays(client: httpx.Client, clock: FixedClock) -> None:
    number = message_id(send(client))
    clock.move(timedelta(hours=48))
    assert delete(client, number).json()["description"] == ("Bad Request: message can't be deleted")


def test_the_public_preview_shows_the_newest_twenty(client: httpx.Client) -> None:
    sent = [message_id(send(client, text=f"Message {number}")) for number in range(25)]
    page = client.get("/telegram/s/tict_demo").text
    shown = [int(number) for number in re.findall(r'data-post="tict_demo/(\d+)"', page)]
    assert shown == sent[-20:]


def test_the_public_preview_pages_back(client: httpx.Client) -> None:
    sent = [message_id(send(client, text=f"Message {number}")) for number in range(3)]
    page = client.get("/telegram/s/tict_demo", params={"before": sent[2]}).text
    assert f"tict_demo/{sent[1]}" in page
    assert f"tict_demo/{sent[2]}" not in page


def test_the_public_preview_has_times_and_escaped_texts(client: httpx.Client) -> None:
    send(client, text="<b>\nnext")
    page = client.get("/telegram/s/tict_demo").text
    assert "&lt;b&gt;<br/>next" in page
    assert 'datetime="2026-11-24T04:00:00+00:00"' in page
