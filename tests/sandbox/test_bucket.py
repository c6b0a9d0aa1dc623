"""The sandbox's bucket: what was put there is fetched by anybody, until it is taken away."""

from __future__ import annotations

import hashlib

import httpx
import pytest

from karnay.sandbox.bucket import KEY_ID, PATH

SIGNED = (
    f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20261124/us-east-1/s3/aws4_request,"
    f"SignedHeaders=host;x-amz-date,Signature={'0' * 64}"
)
PICTURE = b"a picture"


def put(client: httpx.Client, **headers: str) -> httpx.Response:
    told = {
        "Authorization": SIGNED,
        "Content-Type": "image/jpeg",
        "x-amz-content-sha256": hashlib.sha256(PICTURE).hexdigest(),
        **headers,
    }
    return client.put(f"{PATH}/a.jpg", content=PICTURE, headers=told)


def test_what_was_put_is_fetched_under_its_type(client: httpx.Client) -> None:
    assert put(client).headers["etag"]
    found = client.get(f"{PATH}/a.jpg")
    assert (found.content, found.headers["content-type"]) == (PICTURE, "image/jpeg")


def test_what_is_taken_away_is_gone(client: httpx.Client) -> None:
    put(client)
    answer = client.delete(f"{PATH}/a.jpg", headers={"Authorization": SIGNED})
    assert answer.status_code == 204
    assert client.get(f"{PATH}/a.jpg").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 403),
        ({"Authorization": SIGNED.replace(KEY_ID, "another")}, 403),
        ({"x-amz-content-sha256": "0" * 64}, 400),
    ],
)
def test_what_is_not_signed_is_not_taken(
    client: httpx.Client, headers: dict[str, str], status: int
) -> None:
    assert put(client, **headers).status_code == status
    assert client.get(f"{PATH}/a.jpg").status_code == 404


def test_nobody_takes_away_what_is_anothers(client: httpx.Client) -> None:
    put(client)
    assert client.delete(f"{PATH}/a.jpg").status_code == 403
