"""Instagram in the sandbox: what becomes of containers, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from films import a_film
from karnay.sandbox.bucket import KEY_ID, PATH
from karnay.sandbox.instagram.api import InstagramApi, user_id
from karnay.sandbox.instagram.containers import LIVES
from karnay.sandbox.server import Sandbox
from karnay.testing.clock import FixedClock
from media_files import encoded, photograph, picture

TOKEN = "sandbox-instagram"
USER = user_id("tict_demo")
SIGNED = (
    f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20261124/us-east-1/s3/aws4_request,"
    f"SignedHeaders=host;x-amz-date,Signature={'0' * 64}"
)


JPEG = photograph((600, 600))


class Account:
    """Asks a running sandbox as @tict_demo; files lie in its bucket."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox, self.client = sandbox, client

    def hosted(self, content: bytes, name: str = "a.jpg") -> str:
        digest = hashlib.sha256(content).hexdigest()
        headers = {"Authorization": SIGNED, "x-amz-content-sha256": digest}
        address = f"{self.sandbox.url}{PATH}/{name}"
        assert self.client.put(address, content=content, headers=headers).is_success
        return address

    def post(self, path: str, *, token: str = TOKEN, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{self.sandbox.url}/instagram/v25.0/{path}"
        return self.client.post(address, json=body, headers=headers)

    def get(self, path: str, **query: str) -> Any:
        headers = {"Authorization": "Bearer sandbox-instagram"}
        address = f"{self.sandbox.url}/instagram/v25.0/{path}"
        return self.client.get(address, params=query, headers=headers).json()

    def contain(self, **body: Any) -> httpx.Response:
        return self.post(f"{USER}/media", **body)

    def container(self, content: bytes | None = None, **body: Any) -> str:
        address = self.hosted(content or photograph((600, 600)))
        return str(self.contain(image_url=address, **body).json()["id"])

    def publish(self, container: str) -> httpx.Response:
        return self.post(f"{USER}/media_publish", creation_id=container)

    def state(self, container: str) -> str:
        return str(self.get(container, fields="status_code")["status_code"])


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def account(clock: FixedClock) -> Iterator[Account]:
    with Sandbox(clock=clock) as sandbox, httpx.Client(trust_env=False) as client:
        yield Account(sandbox, client)


def fault(answer: httpx.Response) -> tuple[int, int]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_a_container_becomes_a_post_and_says_so(account: Account) -> None:
    container = account.container(caption="Hello", alt_text="A gate")
    assert account.state(container) == "FINISHED"
    post = account.publish(container).json()["id"]
    assert account.state(container) == "PUBLISHED"
    [listed] = account.get(f"{USER}/media", fields="caption,permalink")["data"]
    assert (listed["id"], listed["caption"]) == (post, "Hello")
    [published] = account.sandbox.published("instagram")
    assert [upload.alt for upload in published.media] == ["A gate"]


def test_a_posts_address_has_a_code_that_is_not_its_id(account: Account) -> None:
    post = account.publish(account.container(caption="Hello")).json()["id"]
    link = account.get(post, fields="permalink")["permalink"]
    assert post not in link
    assert "Hello" in account.client.get(link, follow_redirects=True).text


def test_a_container_is_published_once(account: Account) -> None:
    container = account.container()
    assert account.publish(container).is_success
    assert fault(account.publish(container)) == (24, 2207006)


def test_a_container_lives_for_a_day(account: Account, clock: FixedClock) -> None:
    container = account.container()
    clock.move(LIVES)
    assert account.state(container) == "EXPIRED"
    assert fault(account.publish(container)) == (24, 2207006)


def test_what_is_still_being_made_is_not_published(
    account: Account, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstagramApi, "takes", timedelta(seconds=20))
    container = account.container()
    assert account.state(container) == "IN_PROGRESS"
    assert fault(account.publish(container)) == (9007, 2207027)
    clock.move(timedelta(seconds=20))
    assert account.publish(container).is_success


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (encoded(picture((600, 600)), "PNG"), (36001, 2207005)),
        (photograph((600, 600))[:900], (36001, 2207005)),
        (photograph((400, 600)), (36003, 2207009)),
        (photograph((1200, 600)), (36003, 2207009)),
        (photograph((300, 300)), (36003, 2207009)),
    ],
    ids=["png", "cut off", "too tall", "too wide", "too narrow"],
)
def test_a_picture_that_instagram_does_not_show_is_refused(
    account: Account, content: bytes, code: tuple[int, int]
) -> None:
    assert fault(account.contain(image_url=account.hosted(content))) == code


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.jpg", "no address", "{}/nowhere.jpg"])
def test_what_cannot_be_fetched_is_refused(account: Account, address: str) -> None:
    address = address.replace("{}", account.sandbox.url)
    assert fault(account.contain(image_url=address)) == (9004, 2207052)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, (100, 0)),
        ({"image_url": "https://a.example", "video_url": "https://a.example"}, (100, 0)),
        ({"image_url": "https://a.example", "colour": "red"}, (100, 0)),
        ({"caption": "a" * 2_201}, (36004, 2207010)),
        ({"caption": "#a " * 31}, (36004, 2207010)),
        ({"caption": "@a " * 21}, (36004, 2207010)),
        ({"media_type": "POEM"}, (100, 2207023)),
        ({"media_type": "CAROUSEL", "children": ["1"]}, (100, 2207028)),
        ({"media_type": "CAROUSEL", "children": ["1"] * 11}, (100, 2207028)),
        ({"media_type": "CAROUSEL", "children": ["1", "2"]}, (24, 2207006)),
        ({"upload_type": "resumable"}, (100, 0)),
    ],
)
def test_a_bad_container_is_refused(
    account: Account, body: dict[str, Any], code: tuple[int, int]
) -> None:
    assert fault(account.contain(**body)) == code


def test_a_video_is_not_described(account: Account) -> None:
    address = account.hosted(a_film(), "a.mp4")
    answer = account.contain(video_url=address, media_type="REELS", alt_text="A gate")
    assert fault(answer) == (100, 0)


@pytest.mark.parametrize("film", [a_film(seconds=2), a_film(seconds=901), b"no", JPEG])
def test_a_video_that_cannot_be_shown_ends_in_an_error(account: Account, film: bytes) -> None:
    address = account.hosted(film, "a.mp4")
    container = account.contain(video_url=address, media_type="REELS").json()["id"]
    status = account.get(container, fields="status_code,status")
    assert (status["status_code"], "2207026" in status["status"]) == ("ERROR", True)
    assert fault(account.publish(container)) == (24, 2207006)


def test_items_become_one_post(account: Account) -> None:
    items = [account.container(is_carousel_item=True) for _ in range(3)]
    carousel = account.contain(media_type="CAROUSEL", children=items, caption="Hello")
    assert account.publish(carousel.json()["id"]).is_success
    [post] = account.sandbox.published("instagram")
    assert len(post.media) == 3
    quota = account.get(f"{USER}/content_publishing_limit", fields="quota_usage,config")
    assert quota["data"][0]["quota_usage"] == 1


def test_an_item_is_no_post(account: Account) -> None:
    assert fault(account.publish(account.container(is_carousel_item=True))) == (24, 2207006)


def test_what_is_no_item_is_in_no_carousel(account: Account) -> None:
    names = [account.container() for _ in range(2)]
    assert fault(account.contain(media_type="CAROUSEL", children=names)) == (100, 0)


def upload(account: Account, container: str, content: bytes, **headers: str) -> httpx.Response:
    told = {"Authorization": "OAuth sandbox-instagram", "offset": "0", "file_size": "100"}
    address = f"{account.sandbox.url}/instagram/ig-api-upload/v25.0/{container}"
    return account.client.post(address, content=content, headers={**told, **headers})


def test_bytes_are_taken_whole_or_not_at_all(account: Account) -> None:
    told = account.contain(media_type="REELS", upload_type="resumable")
    container, film = told.json()["id"], a_film()
    assert upload(account, container, film).json()["debug_info"]["retriable"] is False
    assert account.state(container) == "IN_PROGRESS"
    assert upload(account, container, film, file_size=str(len(film))).is_success
    assert account.state(container) == "FINISHED"


def test_a_day_has_room_for_fifty_posts(account: Account) -> None:
    address = account.hosted(photograph((400, 400)))
    names = [account.contain(image_url=address).json()["id"] for _ in range(51)]
    answers = [account.publish(name) for name in names]
    assert [answer.status_code for answer in answers] == [200] * 50 + [400]
    assert fault(answers[-1]) == (9, 2207042)


def test_a_comment_that_asks_for_fields_is_made_and_called_an_error(account: Account) -> None:
    post = account.publish(account.container()).json()["id"]
    assert fault(account.post(f"{post}/comments?fields=id", message="More")) == (20, 1772107)
    [comment] = account.get(f"{post}/comments", fields="text")["data"]
    assert comment["text"] == "More"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("sandbox-instagram-expired", (190, 463)),
        ("sandbox-instagram-readonly", (200, 0)),
        ("sandbox-instagram-other", (100, 33)),
        ("sandbox-facebook", (190, 0)),
    ],
)
def test_a_token_must_be_the_accounts(account: Account, token: str, code: tuple[int, int]) -> None:
    assert fault(account.post(f"{USER}/media", token=token)) == code
