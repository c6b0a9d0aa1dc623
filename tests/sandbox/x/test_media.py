"""X's files, brought as a client brings them."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from karnay.sandbox.x import identity
from karnay.testing.assets import film, picture

if TYPE_CHECKING:
    import httpx

    from karnay.sandbox.world import World
    from karnay.testing.clock import FixedClock

UPLOAD = "/x/2/media/upload"
BAD_IDS = "Your media IDs are invalid."
PHOTO = picture("image/jpeg", 0)
FILM = film("video/mp4", 0)


def as_user(name: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {identity.USER_TOKEN}{name and '-' + name}"}


def post(client: httpx.Client, path: str, name: str = "", **body: Any) -> httpx.Response:
    return client.post(path, headers=as_user(name), **body)


def publish(client: httpx.Client, *ids: str, text: str = "Hi", name: str = "") -> httpx.Response:
    body = {"text": text, "media": {"media_ids": list(ids)}}
    return post(client, "/x/2/tweets", name, json=body)


def upload(client: httpx.Client, content: bytes = PHOTO, **fields: Any) -> httpx.Response:
    said = {"media_category": "tweet_image", **fields}
    return post(client, UPLOAD, data=said, files={"media": ("a.jpg", content)})


def identifier(answer: httpx.Response) -> str:
    return str(answer.json()["data"]["id"])


def begun(client: httpx.Client, content: bytes = FILM, **body: Any) -> str:
    kind = {"media_type": "video/mp4", "media_category": "tweet_video"}
    said = {**kind, "total_bytes": len(content), **body}
    return identifier(post(client, f"{UPLOAD}/initialize", json=said))


def append(client: httpx.Client, number: str, index: Any, content: bytes) -> httpx.Response:
    fields = {"segment_index": str(index)}
    return post(
        client, f"{UPLOAD}/{number}/append", data=fields, files={"media": ("piece", content)}
    )


def finalize(client: httpx.Client, number: str) -> httpx.Response:
    return post(client, f"{UPLOAD}/{number}/finalize")


def brought(client: httpx.Client, content: bytes = FILM, **body: Any) -> str:
    """A file in pieces; the network works on it."""
    number = begun(client, content, **body)
    append(client, number, 1, content[1000:])
    append(client, number, 0, content[:1000])
    finalize(client, number)
    return number


def state(client: httpx.Client, number: str) -> str:
    query = {"command": "STATUS", "media_id": number}
    told = client.get(UPLOAD, params=query, headers=as_user()).json()["data"]
    return str(told["processing_info"]["state"])


def animation(frames: int, size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.new("RGB", size, (number % 256, 0, 0)) for number in range(frames))
    first.save(file, "gif", save_all=True, append_images=others)
    return file.getvalue()


def message(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    return str(answer.json()["errors"][0]["message"])


def test_a_picture_goes_with_a_post(client: httpx.Client, world: World) -> None:
    number = identifier(upload(client))
    publish(client, number)
    (made,) = world.ledger.all()
    assert [file.content for file in made.media] == [PHOTO]


def test_a_picture_may_come_as_base64(client: httpx.Client) -> None:
    body = {"media": base64.b64encode(PHOTO).decode(), "media_category": "tweet_image"}
    answer = post(client, UPLOAD, json=body)
    assert publish(client, identifier(answer)).status_code == 201


def test_files_stand_behind_the_text_as_one_short_address(client: httpx.Client) -> None:
    numbers = [identifier(upload(client)) for _ in range(2)]
    made = publish(client, *numbers, text="See x.ai").json()["data"]
    query = {"tweet.fields": "entities,attachments"}
    told = client.get(f"/x/2/tweets/{made['id']}", params=query, headers=as_user()).json()["data"]
    _link, *files = told["entities"]["urls"]
    assert told["text"].endswith(f" {files[0]['url']}")
    assert [file["media_key"] for file in files] == told["attachments"]["media_keys"]


def test_a_file_is_described(client: httpx.Client, world: World) -> None:
    number = identifier(upload(client))
    said = {"id": number, "metadata": {"alt_text": {"text": "Икки раҳбар"}}}
    assert post(client, "/x/2/media/metadata", json=said).status_code == 200
    publish(client, number)
    assert world.ledger.all()[0].media[0].alt == "Икки раҳбар"


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"alt_text": {"text": "x" * 1001}}},
        {"metadata": {"alt_text": "x"}},
        {"metadata": {"alt_text": {"text": "x"}}, "media_id": "5"},
        {},
    ],
)
def test_a_description_has_its_shape(client: httpx.Client, body: dict[str, Any]) -> None:
    said = {"id": identifier(upload(client)), **body}
    assert "$." in message(post(client, "/x/2/media/metadata", json=said))


@pytest.mark.parametrize(
    ("content", "fields", "says"),
    [
        (b"no picture", {}, "media type unrecognized."),
        (PHOTO[:3000], {}, "media type unrecognized."),
        (PHOTO + bytes(5_000_000), {}, "media type unrecognized."),
        (b"", {}, "$.media"),
        (PHOTO, {"media_category": "tweet_video"}, "$.media_category"),
        (PHOTO, {"alt": "x"}, "$.alt"),
    ],
)
def test_a_picture_that_is_none_is_refused(
    client: httpx.Client, content: bytes, fields: dict[str, str], says: str
) -> None:
    assert message(upload(client, content, **fields)).startswith(says)


def test_a_video_is_worked_on_before_it_can_be_posted(
    client: httpx.Client, world: World, clock: FixedClock
) -> None:
    number = brought(client)
    assert state(client, number) == "in_progress"
    assert message(publish(client, number)) == BAD_IDS
    clock.sleep(10)
    assert state(client, number) == "succeeded"
    assert publish(client, number).status_code == 201
    assert world.ledger.all()[0].media[0].content == FILM


def test_an_animation_is_taken_in_pieces(client: httpx.Client, clock: FixedClock) -> None:
    said = {"media_type": "image/gif", "media_category": "tweet_gif"}
    number = brought(client, animation(20), **said)
    clock.sleep(10)
    assert publish(client, number).status_code == 201


@pytest.mark.parametrize(
    ("content", "media_type", "category"),
    [
        (animation(3, (1281, 100)), "image/gif", "tweet_gif"),
        (animation(351, (2, 2)), "image/gif", "tweet_gif"),
        (b"\0" * 2000, "video/mp4", "tweet_video"),
    ],
)
def test_what_x_cannot_use_fails_while_it_is_worked_on(
    client: httpx.Client, clock: FixedClock, content: bytes, media_type: str, category: str
) -> None:
    number = brought(client, content, media_type=media_type, media_category=category)
    clock.sleep(10)
    assert state(client, number) == "failed"


@pytest.mark.parametrize(
    "body",
    [
        {"media_type": "video/avi"},
        {"media_category": "tweet_gif"},
        {"total_bytes": 512_000_001},
        {"total_bytes": 0},
        {"name": "film.mp4"},
    ],
)
def test_an_upload_that_cannot_be_is_refused_at_its_beginning(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    kind = {"media_type": "video/mp4", "media_category": "tweet_video", "total_bytes": 9}
    message(post(client, f"{UPLOAD}/initialize", json={**kind, **body}))


@pytest.mark.parametrize("index", [-1, 1000, "one", ""])
def test_a_piece_says_which_it_is(client: httpx.Client, index: Any) -> None:
    assert "$.segment_index" in message(append(client, begun(client), index, b"x"))


def test_a_piece_has_its_bounds(client: httpx.Client) -> None:
    assert message(append(client, begun(client), 0, bytes(4_000_001))) == "maxFileSizeExceeded"


@pytest.mark.parametrize("index", [0, 1])
def test_pieces_that_are_not_the_whole_are_refused(client: httpx.Client, index: int) -> None:
    number = begun(client)
    append(client, number, index, FILM[:10])
    assert "Segments do not add up" in message(finalize(client, number))


def test_finalizing_again_changes_nothing(client: httpx.Client, clock: FixedClock) -> None:
    number = brought(client)
    clock.sleep(10)
    assert finalize(client, number).status_code == 200
    assert state(client, number) == "succeeded"


def test_a_file_is_its_owners(client: httpx.Client) -> None:
    assert message(publish(client, identifier(upload(client)), name="other")) == BAD_IDS


def test_a_file_lives_for_a_day(client: httpx.Client, clock: FixedClock) -> None:
    number = identifier(upload(client))
    clock.sleep(timedelta(days=1).total_seconds())
    assert message(publish(client, number)) == BAD_IDS


def test_a_video_goes_alone(client: httpx.Client, clock: FixedClock) -> None:
    numbers = [brought(client), identifier(upload(client))]
    clock.sleep(10)
    assert message(publish(client, *numbers)) == BAD_IDS


def test_four_pictures_are_the_most(client: httpx.Client) -> None:
    numbers = [identifier(upload(client)) for _ in range(5)]
    assert publish(client, *numbers[:4]).status_code == 201
    assert "$.media.media_ids" in message(publish(client, *numbers, text="Five"))


def test_a_post_may_have_no_text_where_it_has_a_picture(client: httpx.Client) -> None:
    answers = [publish(client, identifier(upload(client)), text="") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
