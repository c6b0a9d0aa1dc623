"""Facebook in the sandbox says no as Facebook does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from films import a_film
from karnay.sandbox.facebook.api import page_id
from karnay.sandbox.world import World
from media_files import animation, photograph

PAGE = page_id("tict_demo")
BASE = "/facebook/v25.0"
TOKEN = "sandbox-facebook"
JPEG = photograph((300, 200))


def asked(client: httpx.Client, path: str, token: str = TOKEN, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(f"{BASE}/{path}", json=body, headers=headers)


def read(client: httpx.Client, path: str, **query: str) -> Any:
    headers = {"Authorization": "Bearer sandbox-facebook"}
    return client.get(f"{BASE}/{path}", params=query, headers=headers).json()


def photo(client: httpx.Client, content: bytes = JPEG, **fields: str) -> httpx.Response:
    return client.post(
        f"{BASE}/{PAGE}/photos",
        data={"published": "false", **fields},
        files={"source": ("a.jpg", content)},
        headers={"Authorization": "Bearer sandbox-facebook"},
    )


def fault(answer: httpx.Response) -> tuple[int, int]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_a_post_is_shown_with_its_permalink(client: httpx.Client) -> None:
    made = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    [post] = read(client, f"{PAGE}/published_posts", fields="message,permalink_url")["data"]
    assert (post["id"], post["message"]) == (made, "Hello")
    assert post["permalink_url"].endswith(f"/facebook/tict_demo/posts/{made}")


def test_an_id_leads_to_its_post(client: httpx.Client) -> None:
    made = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    assert "Hello" in client.get(f"/facebook/{made}", follow_redirects=True).text
    assert client.get("/facebook/7").status_code == 404


def test_pictures_are_shown_with_what_they_show(client: httpx.Client, world: World) -> None:
    names = [photo(client, alt_text_custom=alt).json()["id"] for alt in ("A gate", "A garden")]
    media = [{"media_fbid": name} for name in names]
    asked(client, f"{PAGE}/feed", message="Hello", attached_media=media)
    [post] = world.ledger.all()
    assert [upload.alt for upload in post.media] == ["A gate", "A garden"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, (100, 0)),
        ({"message": "a" * 63_207}, (100, 0)),
        ({"message": "a", "colour": "red"}, (100, 0)),
        ({"message": ["a"]}, (100, 0)),
        ({"message": "a", "link": "not a link"}, (100, 1500)),
        ({"message": "a", "link": "https://nowhere.invalid/"}, (100, 1609005)),
        ({"message": "a", "attached_media": [{"media_fbid": "7"}]}, (100, 0)),
        ({"message": "a", "attached_media": [{"media_fbid": "7"}] * 11}, (100, 0)),
        ({"message": "a", "attached_media": "{"}, (100, 0)),
    ],
)
def test_a_bad_post_is_refused(
    client: httpx.Client, world: World, body: dict[str, Any], code: tuple[int, int]
) -> None:
    answer = asked(client, f"{PAGE}/feed", **body)
    assert (answer.status_code, fault(answer)) == (400, code)
    assert world.ledger.all() == []


def test_the_same_words_twice_in_a_row_are_refused(client: httpx.Client) -> None:
    assert asked(client, f"{PAGE}/feed", message="Hello").is_success
    assert fault(asked(client, f"{PAGE}/feed", message="Hello")) == (506, 0)
    assert asked(client, f"{PAGE}/feed", message="Other").is_success
    assert asked(client, f"{PAGE}/feed", message="Hello").is_success


def test_a_picture_is_in_one_post_only(client: httpx.Client) -> None:
    media = [{"media_fbid": photo(client).json()["id"]}]
    assert asked(client, f"{PAGE}/feed", message="a", attached_media=media).is_success
    again = asked(client, f"{PAGE}/feed", message="b", attached_media=media)
    assert fault(again) == (100, 1366051)


@pytest.mark.parametrize("content", [b"no picture", JPEG[:200], animation(), a_film()])
def test_what_is_no_picture_is_refused(client: httpx.Client, content: bytes) -> None:
    assert fault(photo(client, content)) == (324, 1366046)


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("sandbox-facebook-expired", 400, (190, 463)),
        ("sandbox-facebook-revoked", 400, (190, 460)),
        ("sandbox-facebook-readonly", 403, (200, 0)),
        ("another", 400, (190, 0)),
        ("", 400, (104, 0)),
    ],
)
def test_a_token_must_be_good(
    client: httpx.Client, token: str, status: int, code: tuple[int, int]
) -> None:
    answer = asked(client, f"{PAGE}/feed", token, message="Hello")
    assert (answer.status_code, fault(answer)) == (status, code)


def test_another_page_is_not_seen(client: httpx.Client) -> None:
    answer = asked(client, f"{page_id('another')}/feed", message="Hello")
    assert fault(answer) == (100, 33)


def test_a_comment_stands_under_its_post(client: httpx.Client, world: World) -> None:
    post = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    comment = asked(client, f"{post}/comments", message="More").json()["id"]
    assert [one["id"] for one in read(client, f"{post}/comments")["data"]] == [comment]
    assert [one.reply_to for one in world.ledger.all()] == ["", post]


def test_comments_are_listed_in_the_order_that_was_asked_for(client: httpx.Client) -> None:
    post = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    for text in ("one", "two"):
        asked(client, f"{post}/comments", message=text)
    newest = read(client, f"{post}/comments", order="reverse_chronological")["data"]
    oldest = read(client, f"{post}/comments")["data"]
    assert [one["message"] for one in newest] == ["two", "one"]
    assert [one["message"] for one in oldest] == ["one", "two"]


def test_posts_are_listed_page_by_page(client: httpx.Client) -> None:
    for text in ("one", "two", "three"):
        asked(client, f"{PAGE}/feed", message=text)
    first = read(client, f"{PAGE}/published_posts", limit="2")
    after = first["paging"]["cursors"]["after"]
    last = read(client, f"{PAGE}/published_posts", limit="2", after=after)
    assert [post["message"] for post in first["data"]] == ["three", "two"]
    assert [post["message"] for post in last["data"]] == ["one"]
    assert "next" not in last["paging"]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_no_more_than_a_hundred_are_listed(client: httpx.Client, limit: str) -> None:
    assert read(client, f"{PAGE}/published_posts", limit=limit)["error"]["code"] == 100


def test_a_post_is_edited_and_taken_down(client: httpx.Client, world: World) -> None:
    post = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    assert asked(client, post, message="Corrected").json() == {"success": True}
    assert [one.text for one in world.ledger.all()] == ["Corrected"]
    headers = {"Authorization": "Bearer sandbox-facebook"}
    assert client.delete(f"{BASE}/{post}", headers=headers).json() == {"success": True}
    assert fault(client.delete(f"{BASE}/{post}", headers=headers)) == (100, 33)
    assert world.ledger.all() == []


def test_the_post_of_another_page_stays(client: httpx.Client) -> None:
    post = asked(client, f"{PAGE}/feed", message="Hello").json()["id"]
    assert fault(asked(client, post, "sandbox-facebook-other", message="Mine")) == (200, 0)


def test_a_video_is_a_post_with_a_description(client: httpx.Client) -> None:
    client.post(
        f"{BASE}/{PAGE}/videos",
        data={"description": "Hello"},
        files={"source": ("a.mp4", a_film())},
        headers={"Authorization": "Bearer sandbox-facebook"},
    )
    [film] = read(client, f"{PAGE}/videos", fields="description")["data"]
    assert film["description"] == "Hello"
