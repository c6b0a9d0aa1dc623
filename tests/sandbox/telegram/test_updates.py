"""What a second bot hears."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.sandbox.telegram.api import TOKEN, WITNESS_TOKEN

if TYPE_CHECKING:
    import httpx

    from karnay.testing.clock import FixedClock


def send(client: httpx.Client, text: str, token: str = TOKEN) -> None:
    body = {"chat_id": "@tict_demo", "text": text}
    client.post(f"/telegram/bot{token}/sendMessage", json=body)


def updates(client: httpx.Client, token: str = WITNESS_TOKEN, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/telegram/bot{token}/getUpdates", params=query).json()
    result: list[dict[str, Any]] = answer["result"]
    return result


def heard(client: httpx.Client, token: str = WITNESS_TOKEN, **query: Any) -> list[str]:
    return [update["channel_post"]["text"] for update in updates(client, token, **query)]


def test_a_bot_hears_others_and_never_itself(client: httpx.Client) -> None:
    send(client, "One")
    send(client, "Two", WITNESS_TOKEN)
    assert heard(client) == ["One"]
    assert heard(client, TOKEN) == ["Two"]


def test_updates_stay_until_an_offset_confirms_them(client: httpx.Client) -> None:
    send(client, "One")
    send(client, "Two")
    first, _ = updates(client)
    assert heard(client) == ["One", "Two"]
    assert heard(client, offset=first["update_id"] + 1) == ["Two"]
    assert heard(client) == ["Two"]


def test_a_negative_offset_forgets_all_but_the_last(client: httpx.Client) -> None:
    send(client, "One")
    send(client, "Two")
    assert heard(client, offset=-1) == ["Two"]
    assert heard(client) == ["Two"]


def test_an_answer_holds_no_more_than_asked_for(client: httpx.Client) -> None:
    send(client, "One")
    send(client, "Two")
    assert heard(client, limit=1) == ["One"]


def test_what_is_not_allowed_is_not_told(client: httpx.Client) -> None:
    send(client, "One")
    assert heard(client, allowed_updates='["message"]') == []
    assert heard(client, allowed_updates='["channel_post"]') == ["One"]


def test_updates_are_kept_for_a_day(client: httpx.Client, clock: FixedClock) -> None:
    send(client, "One")
    clock.move(timedelta(hours=23))
    send(client, "Two")
    clock.move(timedelta(hours=2))
    assert heard(client) == ["Two"]


def test_a_private_channel_has_a_number_and_no_name(client: httpx.Client) -> None:
    body = {"chat_id": -1001234567890, "text": "For staff"}
    chat = client.post(f"/telegram/bot{TOKEN}/sendMessage", json=body).json()["result"]["chat"]
    assert (chat["id"], chat["type"]) == (-1001234567890, "channel")
    assert "username" not in chat
    assert client.get("/telegram/c/1234567890/2").status_code == 200
