"""The service that makes videos ready."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.sandbox.bluesky.api import PASSWORD
from karnay.sandbox.bluesky.repo import HANDLE, did
from karnay.sandbox.bluesky.video import WORKS_FOR
from karnay.testing.assets import film, picture

if TYPE_CHECKING:
    import httpx

    from karnay.testing.clock import FixedClock

XRPC = "/bluesky/xrpc"
UPLOAD_BLOB = "com.atproto.repo.uploadBlob"
FILM = film("video/mp4", 0)


@pytest.fixture
def author(client: httpx.Client) -> httpx.Client:
    """Asks as the main account."""
    body = {"identifier": HANDLE, "password": PASSWORD}
    session = client.post(f"{XRPC}/com.atproto.server.createSession", json=body).json()
    client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
    return client


def introduced(author: httpx.Client, method: str = UPLOAD_BLOB) -> str:
    """A token with which the service may call that method."""
    asked = {"aud": "did:web:sandbox.test", "lxm": method}
    answer = author.get(f"{XRPC}/com.atproto.server.getServiceAuth", params=asked)
    return str(answer.json()["token"])


def upload(
    author: httpx.Client, content: bytes = FILM, *, token: str = "", owner: str = ""
) -> httpx.Response:
    return author.post(
        f"{XRPC}/app.bsky.video.uploadVideo",
        params={"did": owner or did(HANDLE), "name": "film.mp4"},
        content=content,
        headers={
            "Content-Type": "video/mp4",
            "Authorization": f"Bearer {token or introduced(author)}",
        },
    )


def status(author: httpx.Client, job: str) -> Any:
    asked = {"jobId": job}
    return author.get(f"{XRPC}/app.bsky.video.getJobStatus", params=asked).json()["jobStatus"]


def test_a_video_is_worked_on_for_a_while(author: httpx.Client, clock: FixedClock) -> None:
    job = upload(author).json()["jobId"]
    assert "blob" not in status(author, job)
    clock.move(WORKS_FOR)
    blob = status(author, job)["blob"]
    assert (blob["mimeType"], blob["size"]) == ("video/mp4", len(FILM))


def test_the_same_video_has_its_job_already(author: httpx.Client, clock: FixedClock) -> None:
    first = upload(author).json()["jobId"]
    clock.move(WORKS_FOR)
    again = upload(author)
    assert (again.status_code, again.json()["jobId"]) == (409, first)
    assert again.json()["blob"]["size"] == len(FILM)


def test_what_is_no_video_fails_in_the_end(author: httpx.Client, clock: FixedClock) -> None:
    job = upload(author, picture("image/png", 0)).json()["jobId"]
    clock.move(WORKS_FOR)
    assert status(author, job)["state"] == "JOB_STATE_FAILED"


@pytest.mark.parametrize("method", ["com.atproto.repo.putRecord", ""])
def test_the_service_needs_a_token_of_its_own(author: httpx.Client, method: str) -> None:
    usual = author.headers["Authorization"].removeprefix("Bearer ")
    answer = upload(author, token=introduced(author, method) if method else usual)
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidToken")


def test_a_token_for_the_service_ends(author: httpx.Client, clock: FixedClock) -> None:
    token = introduced(author)
    clock.move(timedelta(minutes=30))
    assert upload(author, token=token).json()["error"] == "ExpiredToken"


def test_nobody_uploads_for_another(author: httpx.Client) -> None:
    assert upload(author, owner=did("library.test")).status_code == 401


def test_a_job_that_nobody_began_is_unknown(author: httpx.Client) -> None:
    answer = author.get(f"{XRPC}/app.bsky.video.getJobStatus", params={"jobId": "job9"})
    assert (answer.status_code, answer.json()["error"]) == (400, "InvalidRequest")
