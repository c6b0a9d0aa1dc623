"""Threads in the sandbox: what becomes of containers, and what it refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from films import a_film
from karnay.sandbox.bucket import KEY_ID, PATH
from karnay.sandbox.containers import LIVES
from karnay.sandbox.server import Sandbox
from karnay.sandbox.threads.api import ThreadsApi, user_id
from karnay.testing.clock import FixedClock
from media_files import encoded, photograph, picture

TOKEN = "sandbox-threads"
USER = user_id("tict_demo")
SIGNED = (
    f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20261124/us-east-1/s3/aws4_request,"
    f"SignedHeaders=host;x-amz-date,Signature={'0' * 64}"
)
JPEG = photograph((600, 600))


class Profile:
    """Asks a running sandbox as @tict_demo; files lie in its bucket."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox, self.client = sandbox, client

    def hosted(self, content: bytes, name: str = "a.jpg") -> str:
        digest = hashlib.sha256(content).hexdigest()
        headers = {"Authorization": SIGNED, "x-amz-content-sha256": digest}
        address = f"{self.sandbox.url}{PATH}/{name}"
        assert self.client.put(address, content=content, headers=headers).is_success
        return address

    def ask(self, method: str, path: str, *, token: str = TOKEN, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{self.sandbox.url}/threads/v1.0/{path}"
        return self.client.request(method, address, headers=headers, **more)

    def get(self, path: str, **query: str) -> Any:
        return self.ask("GET", path, params=query).json()

    def contain(self, **body: Any) -> httpx.Response:
        return self.ask("POST", f"{USER}/threads", json=body)

    def words(self, text: str = "Hello", **more: Any) -> str:
        return str(self.contain(media_type="TEXT", text=text, **more).json()["id"])

    def picture(self, content: bytes = JPEG, **more: Any) -> str:
        told = self.contain(media_type="IMAGE", image_url=self.hosted(content), **more)
        return str(told.json()["id"])

    def publish(self, container: str) -> httpx.Response:
        return self.ask("POST", f"{USER}/threads_publish", json={"creation_id": container})

    def post(self, text: str = "Hello", **more: Any) -> str:
        return str(self.publish(self.words(text, **more)).json()["id"])

    def state(self, container: str) -> str:
        return str(self.get(container, fields="status")["status"])


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def profile(clock: FixedClock) -> Iterator[Profile]:
    with Sandbox(clock=clock) as sandbox, httpx.Client(trust_env=False) as client:
        yield Profile(sandbox, client)


def fault(answer: httpx.Response) -> tuple[int, int]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode", 0)


def test_a_container_becomes_a_post_and_says_so(profile: Profile) -> None:
    container = profile.picture(text="Hello", alt_text="A gate")
    assert profile.state(container) == "FINISHED"
    post = profile.publish(container).json()["id"]
    assert profile.state(container) == "PUBLISHED"
    [listed] = profile.get(f"{USER}/threads", fields="text,permalink")["data"]
    assert (listed["id"], listed["text"]) == (post, "Hello")
    [published] = profile.sandbox.published("threads")
    assert [upload.alt for upload in published.media] == ["A gate"]


def test_a_form_is_as_good_as_json(profile: Profile) -> None:
    form = {"media_type": "TEXT", "text": "Ҳа & йўқ"}
    container = profile.ask("POST", "me/threads", data=form).json()["id"]
    assert profile.publish(container).is_success
    assert profile.sandbox.published("threads")[0].text == "Ҳа & йўқ"


def test_a_posts_address_has_a_code_that_is_not_its_id(profile: Profile) -> None:
    post = profile.post()
    link = profile.get(post, fields="permalink")["permalink"]
    assert post not in link
    assert "Hello" in profile.client.get(link, follow_redirects=True).text


def test_a_container_is_published_once(profile: Profile) -> None:
    container = profile.words()
    assert profile.publish(container).is_success
    assert fault(profile.publish(container)) == (24, 4279009)


def test_a_container_lives_for_a_day(profile: Profile, clock: FixedClock) -> None:
    container = profile.words()
    clock.move(LIVES)
    assert profile.state(container) == "EXPIRED"
    assert fault(profile.publish(container)) == (24, 4279009)


def test_what_is_still_being_made_is_not_published(
    profile: Profile, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadsApi, "takes", timedelta(seconds=20))
    container = profile.picture()
    assert profile.state(container) == "IN_PROGRESS"
    assert fault(profile.publish(container)) == (24, 4279009)
    clock.move(timedelta(seconds=20))
    assert profile.publish(container).is_success


def test_replies_are_in_a_list_of_their_own(profile: Profile) -> None:
    first = profile.post("One")
    second = profile.post("Two", reply_to_id=first)
    [reply] = profile.get(f"{USER}/replies", fields="text,replied_to")["data"]
    assert reply == {"id": second, "text": "Two", "replied_to": {"id": first}}
    assert profile.get(f"{first}/replies")["data"] == [{"id": second}]
    assert [post["id"] for post in profile.get(f"{USER}/threads")["data"]] == [first]


def test_the_first_hashtag_becomes_the_topic(profile: Profile) -> None:
    post = profile.post("#Open day #TICT")
    assert profile.get(post, fields="text")["text"] == "Open day #TICT"


def test_an_attached_link_is_shown_as_a_card(profile: Profile) -> None:
    profile.post("Hello", link_attachment="https://a.uz/news")
    [post] = profile.sandbox.published("threads")
    assert post.card is not None
    assert post.card["uri"] == "https://a.uz/news"


@pytest.mark.parametrize(
    "content",
    [
        encoded(picture((600, 600)), "GIF"),
        JPEG[:900],
        photograph((300, 300)),
        photograph((4000, 330)),
    ],
    ids=["gif", "cut off", "too narrow", "too wide"],
)
def test_a_picture_that_threads_does_not_show_is_refused(profile: Profile, content: bytes) -> None:
    answer = profile.contain(media_type="IMAGE", image_url=profile.hosted(content))
    assert fault(answer) == (100, 2207052)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.jpg", "no address", "{}/nowhere.jpg"])
def test_what_cannot_be_fetched_is_refused(profile: Profile, address: str) -> None:
    address = address.replace("{}", profile.sandbox.url)
    answer = profile.contain(media_type="IMAGE", image_url=address)
    assert fault(answer) == (100, 2207052)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "No type"}, (100, 0)),
        ({"media_type": "POEM", "text": "a"}, (100, 0)),
        ({"media_type": "TEXT"}, (100, 0)),
        ({"media_type": "TEXT", "text": "a", "is_carousel_item": True}, (100, 0)),
        ({"media_type": "TEXT", "text": "a", "colour": "red"}, (100, 0)),
        ({"media_type": "TEXT", "text": "a" * 501}, (100, 0)),
        ({"media_type": "TEXT", "text": "👍" * 126}, (100, 0)),
        ({"media_type": "TEXT", "text": " ".join(f"https://a{n}.uz" for n in range(6))}, (100, 0)),
        ({"media_type": "TEXT", "text": "a", "link_attachment": "a.uz"}, (100, 0)),
        ({"media_type": "TEXT", "text": "a", "topic_tag": "a.b"}, (100, 4279071)),
        ({"media_type": "TEXT", "text": "a", "topic_tag": "a" * 51}, (100, 4279071)),
        ({"media_type": "TEXT", "text": "a", "reply_control": "nobody"}, (100, 0)),
        ({"media_type": "TEXT", "text": "a", "reply_to_id": "1"}, (24, 4279009)),
        ({"media_type": "IMAGE"}, (100, 0)),
        ({"media_type": "IMAGE", "image_url": "https://a", "alt_text": "a" * 1_001}, (100, 0)),
        (
            {"media_type": "IMAGE", "image_url": "https://a", "link_attachment": "https://a"},
            (100, 0),
        ),
        ({"media_type": "CAROUSEL", "children": ["1"]}, (100, 0)),
        ({"media_type": "CAROUSEL", "children": ["1"] * 21}, (100, 0)),
        ({"media_type": "CAROUSEL", "children": ["1", "2"]}, (24, 4279009)),
    ],
)
def test_a_bad_container_is_refused(
    profile: Profile, body: dict[str, Any], code: tuple[int, int]
) -> None:
    assert fault(profile.contain(**body)) == code


@pytest.mark.parametrize(
    ("film", "word"),
    [
        (a_film(seconds=301), "INVALID_DURATION"),
        (a_film(size=(2000, 1000)), "UNKNOWN"),
        (b"no", "FAILED_PROCESSING_VIDEO"),
        (JPEG, "FAILED_PROCESSING_VIDEO"),
    ],
)
def test_a_video_that_cannot_be_shown_ends_in_an_error(
    profile: Profile, film: bytes, word: str
) -> None:
    address = profile.hosted(film, "a.mp4")
    container = profile.contain(media_type="VIDEO", video_url=address).json()["id"]
    status = profile.get(container, fields="status,error_message")
    assert (status["status"], status["error_message"]) == ("ERROR", word)
    assert fault(profile.publish(container)) == (24, 4279009)


def test_a_video_that_is_nowhere_ends_in_an_error(profile: Profile) -> None:
    address = f"{profile.sandbox.url}/nowhere.mp4"
    container = profile.contain(media_type="VIDEO", video_url=address).json()["id"]
    told = profile.get(container, fields="error_message")
    assert told["error_message"] == "FAILED_DOWNLOADING_VIDEO"


def test_items_become_one_post(profile: Profile) -> None:
    items = [profile.picture(is_carousel_item=True) for _ in range(3)]
    carousel = profile.contain(media_type="CAROUSEL", children=items, text="Hello")
    assert profile.publish(carousel.json()["id"]).is_success
    [post] = profile.sandbox.published("threads")
    assert len(post.media) == 3
    assert quota(profile)["quota_usage"] == 1


def test_an_item_is_no_post(profile: Profile) -> None:
    assert fault(profile.publish(profile.picture(is_carousel_item=True))) == (24, 4279009)


def test_what_is_no_item_is_in_no_carousel(profile: Profile) -> None:
    names = [profile.picture() for _ in range(2)]
    assert fault(profile.contain(media_type="CAROUSEL", children=names)) == (100, 0)


def quota(profile: Profile) -> dict[str, Any]:
    names = ("quota_usage", "config", "reply_quota_usage", "reply_config", "delete_quota_usage")
    told = profile.get(f"{USER}/threads_publishing_limit", fields=",".join(names))
    found: dict[str, Any] = told["data"][0]
    return found


def test_posts_replies_and_deletions_have_quotas_of_their_own(profile: Profile) -> None:
    first = profile.post("One")
    second = profile.post("Two", reply_to_id=first)
    assert profile.ask("DELETE", second).json() == {"success": True, "deleted_id": second}
    told = quota(profile)
    used = [told[f"{name}quota_usage"] for name in ("", "reply_", "delete_")]
    assert used == [1, 1, 1]
    assert told["reply_config"]["quota_total"] == 1_000


def test_a_day_has_room_for_so_many_posts(
    profile: Profile, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadsApi, "posts_a_day", 2)
    answers = [profile.publish(profile.words()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert fault(answers[-1]) == (9, 2207042)
    clock.move(LIVES)
    assert profile.publish(profile.words()).is_success


def test_what_was_deleted_is_gone_and_cannot_be_answered(profile: Profile) -> None:
    post = profile.post()
    waiting = profile.words("Two", reply_to_id=post)
    assert profile.ask("DELETE", post).is_success
    assert fault(profile.ask("GET", post)) == (100, 33)
    assert fault(profile.ask("DELETE", post)) == (100, 33)
    assert fault(profile.publish(waiting)) == (24, 4279009)


def test_insights_count_the_replies(profile: Profile) -> None:
    post = profile.post()
    profile.post("Two", reply_to_id=post)
    told = profile.get(f"{post}/insights", metric="views,replies")["data"]
    assert [(item["name"], item["values"]) for item in told] == [
        ("views", [{"value": 0}]),
        ("replies", [{"value": 1}]),
    ]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("sandbox-threads-expired", (190, 463)),
        ("sandbox-threads-readonly", (200, 0)),
        ("sandbox-threads-other", (100, 33)),
        ("sandbox-instagram", (190, 0)),
    ],
)
def test_a_token_must_be_the_profiles(profile: Profile, token: str, code: tuple[int, int]) -> None:
    answer = profile.ask("POST", f"{USER}/threads", token=token, json={})
    assert fault(answer) == code


def test_nobody_deletes_anothers_post(profile: Profile) -> None:
    post = profile.post()
    assert fault(profile.ask("DELETE", post, token="sandbox-threads-other")) == (10, 0)


def test_a_token_is_renewed(profile: Profile) -> None:
    address = f"{profile.sandbox.url}/threads/refresh_access_token"
    query = {"grant_type": "th_refresh_token", "access_token": TOKEN}
    told = profile.client.get(address, params=query).json()
    assert (told["access_token"], told["expires_in"]) == (TOKEN, 5_183_944)
    assert fault(profile.client.get(address, params={"access_token": TOKEN})) == (100, 0)
