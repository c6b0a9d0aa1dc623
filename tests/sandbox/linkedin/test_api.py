"""LinkedIn's sandbox: what it refuses, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from karnay.sandbox.linkedin.asking import EXPIRED, MEMBER, ORGANIZATION, TOKEN
from karnay.sandbox.linkedin.media import LIVES, PIECE
from karnay.testing.assets import document, film, picture

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock

PERSON = "urn:li:person:member-1"
POST = {
    "author": ORGANIZATION,
    "commentary": "Hello",
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": []},
    "lifecycleState": "PUBLISHED",
}
JPEG = picture("image/jpeg", 0)


def headers(token: str = TOKEN, **changes: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    given = {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": "202604",
        "X-Restli-Protocol-Version": "2.0.0",
        **named,
    }
    return {name: value for name, value in given.items() if value}


def post(client: httpx.Client, *, token: str = TOKEN, **changes: Any) -> httpx.Response:
    body = {**POST, **changes}
    return client.post("/linkedin/rest/posts", json=body, headers=headers(token))


def begin(client: httpx.Client, kind: str = "image", **asked: Any) -> dict[str, Any]:
    answer = client.post(
        f"/linkedin/rest/{kind}s?action=initializeUpload",
        json={"initializeUploadRequest": {"owner": ORGANIZATION, **asked}},
        headers=headers(),
    )
    value: dict[str, Any] = answer.json()["value"]
    return value


def uploaded(client: httpx.Client, kind: str, content: bytes) -> str:
    value = begin(client, kind)
    assert client.put(value["uploadUrl"], content=content, headers=headers()).status_code == 201
    return str(value[kind])


def status(client: httpx.Client, urn: str, token: str = TOKEN) -> httpx.Response:
    kind = urn.split(":")[2]
    return client.get(f"/linkedin/rest/{kind}s/{quote(urn, safe='')}", headers=headers(token))


def at(urn: str) -> str:
    return f"/linkedin/rest/posts/{quote(urn, safe='')}"


# Who asks, and how


@pytest.mark.parametrize(
    ("asking", "code", "said"),
    [
        ({"token": "wrong"}, 401, "65600"),
        ({"token": EXPIRED}, 401, "EXPIRED_ACCESS_TOKEN"),
        ({"Authorization": ""}, 401, "Empty oauth2_access_token"),
        ({"LinkedIn_Version": ""}, 400, "VERSION_MISSING"),
        ({"LinkedIn_Version": "202306"}, 426, "NONEXISTENT_VERSION"),
        ({"LinkedIn_Version": "202613"}, 426, "NONEXISTENT_VERSION"),
        ({"X_Restli_Protocol_Version": ""}, 400, "Protocol-Version"),
    ],
)
def test_who_asks_wrongly_is_refused(
    client: httpx.Client, asking: dict[str, str], code: int, said: str
) -> None:
    answer = client.post("/linkedin/rest/posts", json=POST, headers=headers(**asking))
    assert (answer.status_code, said in answer.text) == (code, True)


def test_a_token_posts_for_its_own_author_only(client: httpx.Client) -> None:
    assert post(client, token=MEMBER).status_code == 403
    assert post(client, author="urn:li:organization:7").status_code == 403
    assert post(client, token=MEMBER, author=PERSON).status_code == 201


@pytest.mark.parametrize("path", ["posts?q=author", "images/urn%3Ali%3Aimage%3A1"])
def test_a_members_token_reads_nothing(client: httpx.Client, path: str) -> None:
    assert client.get(f"/linkedin/rest/{path}", headers=headers(MEMBER)).status_code == 403


def test_colons_of_an_urn_are_encoded(client: httpx.Client) -> None:
    urn = post(client).headers["x-restli-id"]
    assert client.get(at(urn), headers=headers()).status_code == 200
    assert client.get(f"/linkedin/rest/posts/{urn}", headers=headers()).status_code == 400


# Posts


def test_the_id_is_in_a_header_and_nothing_in_the_body(client: httpx.Client, world: World) -> None:
    answer = post(client)
    [made] = world.ledger.all("linkedin")
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["x-restli-id"] == made.id


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"commentary": None}, "/commentary"),
        ({"commentary": "a" * 3001}, "FIELD_LENGTH_TOO_LONG"),
        ({"commentary": "😀" * 1501}, "FIELD_LENGTH_TOO_LONG"),
        ({"visibility": "EVERYONE"}, "/visibility"),
        ({"visibility": "CONNECTIONS"}, "/visibility"),
        ({"lifecycleState": "DRAFT"}, "lifecycleState"),
        ({"distribution": {}}, "/distribution"),
        ({"content": {"media": {}, "article": {}}}, "/content"),
        ({"content": {"media": {"id": "urn:li:image:none"}}}, "INVALID_URN_ID"),
        ({"content": {"media": {"id": "urn:li:share:1"}}}, "INVALID_URN_TYPE"),
        ({"content": {"article": {"source": "https://example.org"}}}, "title"),
        ({"content": {"article": {"source": "example.org", "title": "A"}}}, "source"),
        ({"content": {"multiImage": {"images": []}}}, "2 to 20"),
    ],
)
def test_what_is_no_post_is_refused(
    client: httpx.Client, world: World, changes: dict[str, Any], said: str
) -> None:
    answer = post(client, **changes)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert not world.ledger.all()


@pytest.mark.parametrize("name", ["author", "commentary", "visibility", "lifecycleState"])
def test_a_field_that_is_missing_is_named(client: httpx.Client, name: str) -> None:
    body = {key: value for key, value in POST.items() if key != name}
    answer = client.post("/linkedin/rest/posts", json=body, headers=headers())
    assert (answer.status_code, f"/{name}" in answer.text) == (400, True)


def test_an_unknown_field_is_named(client: httpx.Client) -> None:
    answer = post(client, colour="red")
    assert (answer.status_code, "[/colour]" in answer.text) == (403, True)


@pytest.mark.parametrize(("later", "code"), [(9, 422), (10, 201)])
def test_the_same_words_are_a_duplicate_for_ten_minutes(
    client: httpx.Client, clock: FixedClock, later: int, code: int
) -> None:
    urn = post(client).headers["x-restli-id"]
    clock.move(timedelta(minutes=later))
    answer = post(client)
    assert (answer.status_code, urn in answer.text) == (code, code == 422)


def test_a_text_is_cut_without_a_word(client: httpx.Client, world: World) -> None:
    assert post(client, commentary="Open day (free)").status_code == 201
    assert [made.text for made in world.ledger.all()] == ["Open day "]


def test_posts_are_listed_by_their_last_change(client: httpx.Client, clock: FixedClock) -> None:
    urns = []
    for text in ("one", "two"):
        urns.append(post(client, commentary=text).headers["x-restli-id"])
        clock.sleep(1)
    patch = {"patch": {"$set": {"commentary": "changed"}}}
    partial = headers(X_RestLi_Method="PARTIAL_UPDATE")
    assert client.post(at(urns[0]), json=patch, headers=partial).status_code == 204
    listed = client.get(
        f"/linkedin/rest/posts?q=author&author={quote(ORGANIZATION, safe='')}&count=20",
        headers=headers(X_RestLi_Method="FINDER"),
    ).json()["elements"]
    assert [(one["id"], one["commentary"]) for one in listed] == [
        (urns[0], "changed"),
        (urns[1], "two"),
    ]
    assert [one["lifecycleStateInfo"]["isEditedByAuthor"] for one in listed] == [True, False]


@pytest.mark.parametrize("patch", [{}, {"$set": {"content": {}}}, {"$set": {"visibility": "x"}}])
def test_nothing_but_the_text_can_be_changed(client: httpx.Client, patch: dict[str, Any]) -> None:
    urn = post(client).headers["x-restli-id"]
    partial = headers(X_RestLi_Method="PARTIAL_UPDATE")
    assert client.post(at(urn), json={"patch": patch}, headers=partial).status_code == 400


def test_deleting_may_be_repeated(client: httpx.Client, world: World) -> None:
    urn = post(client).headers["x-restli-id"]
    assert [client.delete(at(urn), headers=headers()).status_code for _ in range(2)] == [204, 204]
    assert not world.ledger.all()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 201),
        ({"message": {"text": "a" * 1251}}, 400),
        ({"object": "urn:li:share:1"}, 400),
        ({"actor": PERSON}, 403),
    ],
)
def test_comments_are_short_and_the_authors_own(
    client: httpx.Client, changes: dict[str, Any], code: int
) -> None:
    urn = post(client).headers["x-restli-id"]
    body = {"actor": ORGANIZATION, "object": urn, "message": {"text": "More"}, **changes}
    path = f"/linkedin/rest/socialActions/{quote(urn, safe='')}/comments"
    assert client.post(path, json=body, headers=headers()).status_code == code


# Files


def test_a_picture_waits_for_its_bytes(client: httpx.Client) -> None:
    value = begin(client)
    assert status(client, value["image"]).json()["status"] == "WAITING_UPLOAD"
    client.put(value["uploadUrl"], content=JPEG, headers=headers())
    assert status(client, value["image"]).json()["status"] == "AVAILABLE"


def test_an_address_for_a_picture_wants_the_token(client: httpx.Client) -> None:
    assert client.put(begin(client)["uploadUrl"], content=JPEG).status_code == 401


def test_an_address_expires(client: httpx.Client, clock: FixedClock) -> None:
    value = begin(client)
    clock.move(LIVES)
    answer = client.put(value["uploadUrl"], content=JPEG, headers=headers())
    assert (answer.status_code, "EXPIRED_UPLOAD_URL" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", b"no picture"),
        ("image", JPEG[:500]),
        ("image", document("", 0)),
        ("document", JPEG),
    ],
)
def test_what_is_no_such_file_fails(
    client: httpx.Client, clock: FixedClock, kind: str, content: bytes
) -> None:
    urn = uploaded(client, kind, content)
    clock.sleep(10)
    assert status(client, urn).json()["status"] == "PROCESSING_FAILED"
    media = {"id": urn, "title": "A title"}
    assert "MEDIA_ASSET_PROCESSING_FAILED" in post(client, content={"media": media}).text


def test_a_document_must_have_a_title(client: httpx.Client, clock: FixedClock) -> None:
    urn = uploaded(client, "document", document("", 0))
    clock.sleep(10)
    assert post(client, content={"media": {"id": urn}}).status_code == 400
    assert post(client, content={"media": {"id": urn, "title": "A"}}).status_code == 201


def test_a_long_description_is_refused(client: httpx.Client) -> None:
    urn = uploaded(client, "image", JPEG)
    said = post(client, content={"media": {"id": urn, "altText": "a" * 4087}}).text
    assert "FIELD_LENGTH_TOO_LONG" in said


def sent_film(client: httpx.Client, content: bytes) -> tuple[dict[str, Any], list[str]]:
    value = begin(client, "video", fileSizeBytes=len(content))
    answers = [
        client.put(one["uploadUrl"], content=content[one["firstByte"] : one["lastByte"] + 1])
        for one in value["uploadInstructions"]
    ]
    return value, [answer.headers["etag"].strip('"') for answer in answers]


def finish(client: httpx.Client, urn: str, etags: list[str]) -> httpx.Response:
    asked = {"video": urn, "uploadToken": "", "uploadedPartIds": etags}
    path = "/linkedin/rest/videos?action=finalizeUpload"
    return client.post(path, json={"finalizeUploadRequest": asked}, headers=headers())


def test_a_video_is_put_together_and_worked_on(
    client: httpx.Client, clock: FixedClock, world: World
) -> None:
    content = film("video/mp4", 0).ljust(PIECE + 10, b"\0")
    value, etags = sent_film(client, content)
    assert len(etags) == 2
    assert finish(client, value["video"], etags).status_code == 200
    assert status(client, value["video"]).json()["status"] == "PROCESSING"
    said = post(client, content={"media": {"id": value["video"]}})
    assert "MEDIA_ASSET_WAITING_UPLOAD" in said.text
    clock.sleep(10)
    made = post(client, content={"media": {"id": value["video"]}})
    assert made.headers["x-restli-id"].startswith("urn:li:ugcPost:")
    [published] = world.ledger.all()
    assert published.media[0].content == content


def test_pieces_in_another_order_are_refused(client: httpx.Client) -> None:
    value, etags = sent_film(client, film("video/mp4", 0).ljust(PIECE + 10, b"\0"))
    assert finish(client, value["video"], etags[::-1]).status_code == 400
    assert finish(client, value["video"], etags[:1]).status_code == 400


def test_a_piece_of_another_size_is_refused(client: httpx.Client) -> None:
    value = begin(client, "video", fileSizeBytes=100_000)
    [piece] = value["uploadInstructions"]
    assert client.put(piece["uploadUrl"], content=b"too little").status_code == 400


@pytest.mark.parametrize("size", [0, -1, "1", None, 500_000_001])
def test_a_video_has_a_size(client: httpx.Client, size: Any) -> None:
    answer = client.post(
        "/linkedin/rest/videos?action=initializeUpload",
        json={"initializeUploadRequest": {"owner": ORGANIZATION, "fileSizeBytes": size}},
        headers=headers(),
    )
    assert answer.status_code == 400


def test_files_are_for_their_owner(client: httpx.Client) -> None:
    urn = uploaded(client, "image", JPEG)
    said = post(client, token=MEMBER, author=PERSON, content={"media": {"id": urn}})
    assert (said.status_code, "INVALID_URN_ID" in said.text) == (400, True)


def test_a_page_shows_pictures_with_what_they_show(client: httpx.Client, world: World) -> None:
    media = {"id": uploaded(client, "image", JPEG), "altText": "Two <heads> sign"}
    urn = post(client, content={"media": media}).headers["x-restli-id"]
    page = client.get(f"/linkedin/feed/update/{urn}/").text
    assert 'alt="Two &lt;heads&gt; sign"' in page


def test_a_page_shows_a_card_with_its_picture(client: httpx.Client) -> None:
    thumbnail = uploaded(client, "image", JPEG)
    card = {"source": "https://example.org/a", "title": "A title", "thumbnail": thumbnail}
    urn = post(client, content={"article": card}).headers["x-restli-id"]
    page = client.get(f"/linkedin/feed/update/{urn}/").text
    assert "A title" in page
    assert '<img src="/_sandbox/media/' in page
