"""A PDS, asked as a client asks it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.sandbox.bluesky.api import PASSWORD
from karnay.sandbox.bluesky.lexicon import is_tid
from karnay.sandbox.bluesky.repo import HANDLE, did
from karnay.testing.assets import picture

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock

XRPC = "/bluesky/xrpc/com.atproto"
POST = "app.bsky.feed.post"
KEY, LATER_KEY = "3n2yzv22kzy2l", "3n2yzv22kzy2m"


def log_in(client: httpx.Client, name: str = HANDLE, password: str = PASSWORD) -> httpx.Response:
    body = {"identifier": name, "password": password}
    return client.post(f"{XRPC}.server.createSession", json=body)


@pytest.fixture
def session(client: httpx.Client) -> dict[str, Any]:
    """A session of the main account."""
    return dict(log_in(client).json())


@pytest.fixture
def author(client: httpx.Client, session: dict[str, Any]) -> httpx.Client:
    """Asks with the session's access token."""
    client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
    return client


def a_record(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"$type": POST, "text": text, "createdAt": "2026-11-24T04:00:00.000Z", **more}


def put(author: httpx.Client, record: Any = None, key: str = KEY, **more: Any) -> httpx.Response:
    where = {"repo": HANDLE, "collection": POST, "rkey": key}
    body = {**where, "record": record or a_record(), **more}
    return author.post(f"{XRPC}.repo.putRecord", json=body)


def create(author: httpx.Client, **more: Any) -> httpx.Response:
    body = {"repo": HANDLE, "collection": POST, "record": a_record(), **more}
    return author.post(f"{XRPC}.repo.createRecord", json=body)


def get(client: httpx.Client, key: str = KEY, repo: str = HANDLE) -> httpx.Response:
    asked = {"repo": repo, "collection": POST, "rkey": key}
    return client.get(f"{XRPC}.repo.getRecord", params=asked)


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_session_tells_who_one_is(session: dict[str, Any]) -> None:
    assert (session["handle"], session["did"]) == (HANDLE, did(HANDLE))
    service = session["didDoc"]["service"][0]
    assert service["serviceEndpoint"] == "http://sandbox.test/bluesky"


@pytest.mark.parametrize(
    ("name", "password"), [(HANDLE, "wrong"), ("stranger.example", PASSWORD), ("", PASSWORD)]
)
def test_a_wrong_log_in_is_refused(client: httpx.Client, name: str, password: str) -> None:
    assert error(log_in(client, name, password)) == (401, "AuthenticationRequired")


@pytest.mark.parametrize("name", [HANDLE, did(HANDLE), "library.test", HANDLE.upper()])
def test_one_logs_in_by_handle_or_did(client: httpx.Client, name: str) -> None:
    assert log_in(client, name).status_code == 200


def test_an_access_token_lives_two_hours(
    author: httpx.Client, session: dict[str, Any], clock: FixedClock
) -> None:
    clock.move(timedelta(minutes=120))
    answer = author.get(f"{XRPC}.server.getSession")
    assert answer.json() == {"error": "ExpiredToken", "message": "Token has expired"}
    assert answer.status_code == 400


def test_a_refresh_token_gives_a_new_pair(
    client: httpx.Client, session: dict[str, Any], clock: FixedClock
) -> None:
    clock.move(timedelta(days=89))
    headers = {"Authorization": f"Bearer {session['refreshJwt']}"}
    fresh = client.post(f"{XRPC}.server.refreshSession", headers=headers).json()
    client.headers["Authorization"] = f"Bearer {fresh['accessJwt']}"
    assert client.get(f"{XRPC}.server.getSession").json()["handle"] == HANDLE


@pytest.mark.parametrize("kind", ["refreshJwt", "accessJwt"])
def test_a_token_serves_its_own_purpose_only(
    client: httpx.Client, session: dict[str, Any], kind: str
) -> None:
    headers = {"Authorization": f"Bearer {session[kind]}"}
    answers = [
        client.post(f"{XRPC}.server.refreshSession", headers=headers),
        client.get(f"{XRPC}.server.getSession", headers=headers),
    ]
    assert sorted(answer.status_code for answer in answers) == [200, 400]


@pytest.mark.parametrize(
    ("token", "expected"), [("", (401, "AuthMissing")), ("Bearer a.b.c", (400, "InvalidToken"))]
)
def test_without_a_valid_token_nobody_publishes(
    client: httpx.Client, token: str, expected: tuple[int, str]
) -> None:
    client.headers["Authorization"] = token
    assert error(put(client)) == expected


def test_a_put_record_can_be_read_by_anyone(author: httpx.Client, client: httpx.Client) -> None:
    put(author, a_record("Ҳаёт"))
    del client.headers["Authorization"]
    found = get(client, repo=did(HANDLE)).json()
    assert found["uri"] == f"at://{did(HANDLE)}/{POST}/{KEY}"
    assert found["value"] == a_record("Ҳаёт")


def test_the_same_put_again_changes_nothing(author: httpx.Client, world: World) -> None:
    first, again = put(author).json(), put(author).json()
    assert "commit" in first
    assert again == {name: first[name] for name in ("uri", "cid", "validationStatus")}
    assert len(world.ledger.all()) == 1


def test_a_put_of_other_words_replaces_them_in_place(author: httpx.Client, world: World) -> None:
    first = put(author).json()
    put(author, key=LATER_KEY)
    second = put(author, a_record("Better")).json()
    assert first["cid"] != second["cid"]
    assert [post.text for post in world.ledger.all()] == ["Better", "Hello"]


def test_swap_record_null_means_that_nothing_may_be_there(author: httpx.Client) -> None:
    assert put(author, swapRecord=None).status_code == 200
    assert error(put(author, swapRecord=None)) == (400, "InvalidSwap")


def test_an_existing_key_is_a_server_error_to_create(author: httpx.Client) -> None:
    assert create(author, rkey=KEY).status_code == 200
    assert error(create(author, rkey=KEY)) == (500, "InternalServerError")


def test_created_records_get_growing_tids(author: httpx.Client, clock: FixedClock) -> None:
    first = create(author).json()["uri"].rpartition("/")[2]
    clock.sleep(1)
    second = create(author).json()["uri"].rpartition("/")[2]
    assert is_tid(first)
    assert is_tid(second)
    assert first < second


@pytest.mark.parametrize(
    "more",
    [
        {"record": a_record("я" * 301)},
        {"record": {"text": "no date"}},
        {"record": "no record"},
        {"record": a_record(rating=1.5)},
        {"record": {**a_record(), "$type": "app.bsky.feed.like"}},
        {"rkey": "self"},
        {"collection": "app.bsky.feed.like"},
        {"repo": "stranger.example"},
    ],
)
def test_a_record_against_the_rules_is_refused(
    author: httpx.Client, world: World, more: dict[str, Any]
) -> None:
    assert error(create(author, **more)) == (400, "InvalidRequest")
    assert world.ledger.all() == []


def test_nobody_writes_where_another_lives(author: httpx.Client) -> None:
    assert error(create(author, repo="library.test")) == (401, "AuthenticationRequired")


@pytest.mark.parametrize("left_out", ["repo", "collection", "rkey", "record"])
def test_what_is_needed_is_told(author: httpx.Client, left_out: str) -> None:
    body = {"repo": HANDLE, "collection": POST, "rkey": KEY, "record": a_record()}
    del body[left_out]
    answer = author.post(f"{XRPC}.repo.putRecord", json=body)
    assert answer.json()["message"] == f'Input must have the property "{left_out}"'


def strong(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.json()[name] for name in ("uri", "cid")}


def test_a_reply_names_root_and_parent(author: httpx.Client, world: World) -> None:
    root = strong(put(author))
    reply = a_record("More", reply={"root": root, "parent": root})
    assert put(author, reply, LATER_KEY).status_code == 200
    assert world.ledger.all()[1].reply_to == root["uri"]


@pytest.mark.parametrize(
    "wrong", [{"cid": "bafyreiwrong"}, {"uri": f"at://{did(HANDLE)}/{POST}/{LATER_KEY}"}]
)
def test_a_reply_to_what_is_not_there_is_refused(
    author: httpx.Client, wrong: dict[str, str]
) -> None:
    root = strong(put(author))
    reply = a_record("More", reply={"root": root, "parent": {**root, **wrong}})
    assert error(put(author, reply, "3n2yzv22kzy2n")) == (400, "InvalidRequest")


def a_card(thumb: Any) -> dict[str, Any]:
    card = {"uri": "https://a.uz", "title": "T", "description": "D", "thumb": thumb}
    return {"$type": "app.bsky.embed.external", "external": card}


def upload(author: httpx.Client, content: bytes, kind: str = "image/jpeg") -> httpx.Response:
    headers = {"Content-Type": kind}
    return author.post(f"{XRPC}.repo.uploadBlob", content=content, headers=headers)


def test_a_card_shows_an_uploaded_picture(author: httpx.Client) -> None:
    blob = upload(author, b"picture").json()["blob"]
    assert (blob["mimeType"], blob["size"]) == ("image/jpeg", 7)
    assert put(author, a_record(embed=a_card(blob))).status_code == 200


def test_the_picture_of_a_card_is_on_its_page(author: httpx.Client, world: World) -> None:
    blob = upload(author, picture("image/png", 0)).json()["blob"]
    put(author, a_record(embed=a_card(blob)))
    page = author.get(f"/bluesky/profile/{HANDLE}/post/{KEY}").text
    [shown] = re.findall(r'<img src="(/_sandbox/media/[^"]+)"', page)
    assert author.get(shown).content == picture("image/png", 0)
    assert world.ledger.all()[0].media == ()


def test_a_picture_never_uploaded_is_not_found(author: httpx.Client) -> None:
    blob = {**upload(author, b"picture").json()["blob"], "ref": {"$link": "bafkreiother"}}
    assert error(put(author, a_record(embed=a_card(blob)))) == (400, "BlobNotFound")


def test_a_picture_of_more_than_a_megabyte_is_refused(author: httpx.Client) -> None:
    blob = upload(author, b"x" * 1_000_001).json()["blob"]
    answer = put(author, a_record(embed=a_card(blob)))
    assert "blob too big (maximum 1000000, got 1000001)" in answer.json()["message"]


def test_a_huge_upload_is_refused(author: httpx.Client) -> None:
    assert error(upload(author, b"x" * (5 * 1024 * 1024 + 1))) == (413, "PayloadTooLarge")


def an_image(blob: Any, alt: str = "The rector") -> dict[str, Any]:
    shown = {"image": blob, "alt": alt, "aspectRatio": {"width": 4, "height": 3}}
    return {"$type": "app.bsky.embed.images", "images": [shown]}


def test_a_picture_is_shown_with_what_is_said_of_it(author: httpx.Client, world: World) -> None:
    blob = upload(author, picture("image/png", 0)).json()["blob"]
    put(author, a_record(embed=an_image(blob)))
    [shown] = world.ledger.all()[0].media
    assert (shown.look.mime, shown.alt) == ("image/png", "The rector")
    page = author.get(f"/bluesky/profile/{HANDLE}/post/{KEY}").text
    assert f'<img src="/_sandbox/media/{shown.id}" alt="The rector"' in page
    assert author.get(f"/_sandbox/media/{shown.id}").content == picture("image/png", 0)


def test_the_type_of_a_file_is_what_it_shows(author: httpx.Client) -> None:
    blob = upload(author, picture("image/png", 0), "image/jpeg").json()["blob"]
    assert blob["mimeType"] == "image/png"


@pytest.mark.parametrize(
    ("claimed", "refusal"),
    [({"mimeType": "image/gif"}, "InvalidMimeType"), ({"size": 8}, "InvalidSize")],
)
def test_a_record_must_say_of_a_file_what_the_server_knows(
    author: httpx.Client, claimed: dict[str, Any], refusal: str
) -> None:
    blob = {**upload(author, picture("image/png", 0)).json()["blob"], **claimed}
    assert error(put(author, a_record(embed=an_image(blob)))) == (400, refusal)


def test_nobody_shows_what_another_uploaded(author: httpx.Client, client: httpx.Client) -> None:
    blob = upload(author, picture("image/png", 0)).json()["blob"]
    client.headers["Authorization"] = f"Bearer {log_in(client, 'library.test').json()['accessJwt']}"
    answer = put(client, a_record(embed=an_image(blob)), repo="library.test")
    assert error(answer) == (400, "BlobNotFound")


def test_an_upload_needs_a_type(author: httpx.Client) -> None:
    answer = author.post(f"{XRPC}.repo.uploadBlob", content=b"picture")
    assert error(answer) == (400, "InvalidRequest")


def test_an_upload_needs_a_token(client: httpx.Client) -> None:
    assert error(upload(client, b"picture")) == (401, "AuthMissing")


THREAD_GATE = "app.bsky.feed.threadgate"


def gate(author: httpx.Client, collection: str = THREAD_GATE, **more: Any) -> httpx.Response:
    uri = f"at://{did(HANDLE)}/{POST}/{KEY}"
    record = {"$type": collection, "post": uri, "createdAt": "2026-11-24T04:00:00.000Z", **more}
    return put(author, record, collection=collection)


@pytest.mark.parametrize(
    ("collection", "rules"),
    [
        (THREAD_GATE, {"allow": []}),
        (THREAD_GATE, {"allow": [{"$type": f"{THREAD_GATE}#mentionRule"}]}),
        (THREAD_GATE, {"allow": [{"$type": f"{THREAD_GATE}#listRule", "list": "at://a/b/c"}]}),
        (
            "app.bsky.feed.postgate",
            {"embeddingRules": [{"$type": "app.bsky.feed.postgate#disableRule"}]},
        ),
    ],
)
def test_a_gate_stands_beside_its_post(
    author: httpx.Client, world: World, collection: str, rules: dict[str, Any]
) -> None:
    put(author)
    first, again = (
        gate(author, collection, **rules).json(),
        gate(author, collection, **rules).json(),
    )
    assert first["cid"] == again["cid"]
    assert "commit" not in again
    asked = {"repo": HANDLE, "collection": collection, "rkey": KEY}
    value = author.get(f"{XRPC}.repo.getRecord", params=asked).json()["value"]
    assert rules.items() <= value.items()
    assert len(world.ledger.all()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"allow": [{"$type": f"{THREAD_GATE}#friendRule"}]},
        {"allow": [{"$type": f"{THREAD_GATE}#listRule"}]},
        {"allow": [{"$type": f"{THREAD_GATE}#mentionRule"}] * 6},
        {"allow": "nobody"},
        {"post": f"at://{did(HANDLE)}/{POST}/{LATER_KEY}"},
        {"post": None},
        {"createdAt": "today"},
    ],
)
def test_a_gate_against_the_rules_is_refused(author: httpx.Client, wrong: dict[str, Any]) -> None:
    put(author)
    assert error(gate(author, **wrong)) == (400, "InvalidRequest")


def test_there_is_no_gate_before_its_post(author: httpx.Client) -> None:
    assert error(gate(author, allow=[])) == (400, "InvalidRequest")


def test_readers_are_shown_the_post_and_its_counts(author: httpx.Client) -> None:
    uri = put(author).json()["uri"]
    asked = {"uris": [uri, f"{uri}x"]}
    [post] = author.get("/bluesky/xrpc/app.bsky.feed.getPosts", params=asked).json()["posts"]
    assert (post["record"]["text"], post["likeCount"], post["replyCount"]) == ("Hello", 0, 0)


def test_an_absent_record_is_a_400(client: httpx.Client) -> None:
    answer = get(client)
    assert error(answer) == (400, "RecordNotFound")
    assert answer.json()["message"].startswith("Could not locate record: at://did:plc:")


def list_records(client: httpx.Client, **more: Any) -> Any:
    asked = {"repo": HANDLE, "collection": POST, **more}
    return client.get(f"{XRPC}.repo.listRecords", params=asked).json()


def keys(listing: Any) -> list[str]:
    return [record["uri"].rpartition("/")[2] for record in listing["records"]]


@pytest.mark.parametrize("order", [{}, {"reverse": "true"}])
def test_a_listing_is_paged_by_its_cursor(author: httpx.Client, order: dict[str, str]) -> None:
    for number in "234567":
        put(author, key=f"3n2yzv22kzy2{number}")
    first = list_records(author, limit=4, **order)
    second = list_records(author, limit=4, cursor=first["cursor"], **order)
    assert keys(first) + keys(second) == sorted(
        keys(first) + keys(second), reverse="reverse" not in order
    )
    assert len(keys(second)) == 2
    assert "cursor" not in second


def test_a_page_of_more_than_a_hundred_is_refused(client: httpx.Client) -> None:
    assert list_records(client, limit=101)["error"] == "InvalidRequest"


def test_deleting_makes_sure_that_it_is_gone(author: httpx.Client) -> None:
    put(author)
    body = {"repo": HANDLE, "collection": POST, "rkey": KEY}
    answers = [author.post(f"{XRPC}.repo.deleteRecord", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert error(get(author)) == (400, "RecordNotFound")


def test_handles_are_resolved(client: httpx.Client) -> None:
    path = f"{XRPC}.identity.resolveHandle"
    assert client.get(path, params={"handle": HANDLE}).json() == {"did": did(HANDLE)}
    assert client.get(path, params={"handle": "a.example"}).status_code == 400


def test_the_server_describes_itself(client: httpx.Client) -> None:
    assert client.get(f"{XRPC}.server.describeServer").json()["availableUserDomains"] == [".test"]


def test_an_unknown_method_is_not_implemented(client: httpx.Client) -> None:
    assert error(client.get("/bluesky/xrpc/a.b.c")) == (501, "MethodNotImplemented")


def test_log_ins_are_counted(client: httpx.Client) -> None:
    assert log_in(client).headers["RateLimit-Remaining"] == "29"
