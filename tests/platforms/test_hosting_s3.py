"""Files in a bucket: signed as moto wants it, which checks with AWS's own library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from hosted import ASSET, NOBODY, OTHER, SHELF
from karnay.accounts import Account
from karnay.clock import SystemClock
from karnay.errors import AccountError
from karnay.media.host import Bucket, MediaHost
from karnay.platforms.hosting import host_step, put, withdraw
from karnay.platforms.wire import Wire
from karnay.secrets import SecretRef
from karnay.testing.lab import KEY

REGION, BUCKET = "eu-central-1", "karnay"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
UNCHECKED = 4  # requests that moto lets in before it asks who is there


@dataclass(frozen=True, slots=True)
class Store:
    """A running server, and who may write there."""

    address: str
    key_id: str
    secret: str


def _client(service: str, address: str, **more: Any) -> Any:
    return boto3.client(service, region_name=REGION, endpoint_url=address, **more)


def _who_may_write(address: str) -> dict[str, str]:
    nobody = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    people = _client("iam", address, **nobody)
    people.create_user(UserName="press")
    policy = json.dumps({"Version": "2012-10-17", "Statement": EVERYTHING})
    people.put_user_policy(UserName="press", PolicyName="all", PolicyDocument=policy)
    key: dict[str, str] = people.create_access_key(UserName="press")["AccessKey"]
    place = {"LocationConstraint": REGION}
    buckets = _client("s3", address, config=Config(s3={"addressing_style": "path"}), **nobody)
    buckets.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place, ACL="public-read")
    return key


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.post(f"{address}/moto-api/reset-auth", content=str(UNCHECKED))
    key = _who_may_write(address)
    yield Store(address, key["AccessKeyId"], key["SecretAccessKey"])
    server.stop()


@pytest.fixture
def account(store: Store, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("KEY_ID", store.key_id)
    monkeypatch.setenv("SECRET", store.secret)
    bucket = Bucket(
        endpoint=store.address,
        bucket=BUCKET,
        url=f"{store.address}/{BUCKET}",
        key_id=SecretRef("env:KEY_ID"),
        secret=SecretRef("env:SECRET"),
        region=REGION,
    )
    return replace(NOBODY, media_host=MediaHost(bucket, b"what nobody can guess"))


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire(SystemClock(), files=SHELF)
    yield wire
    wire.close()


def kept(store: Store, name: str) -> Any:
    mine = {"aws_access_key_id": store.key_id, "aws_secret_access_key": store.secret}
    path_style = Config(s3={"addressing_style": "path"})
    return _client("s3", store.address, config=path_style, **mine).get_object(
        Bucket=BUCKET, Key=name
    )


def test_a_bucket_takes_a_signed_file(account: Account, wire: Wire, store: Store) -> None:
    receipt = put(host_step(ASSET, account, KEY, 1), account, wire)
    found = kept(store, receipt.id)
    assert found["Body"].read() == SHELF.contents[ASSET.hash]
    assert found["ContentType"] == "image/jpeg"


def test_a_bucket_takes_the_same_file_again(account: Account, wire: Wire) -> None:
    step = host_step(ASSET, account, KEY, 1)
    assert put(step, account, wire) == put(step, account, wire)


def test_a_bucket_gives_up_what_is_no_longer_needed(
    account: Account, wire: Wire, store: Store
) -> None:
    step = host_step(OTHER, account, KEY, 2)
    name = put(step, account, wire).id
    assert withdraw([step], account, wire) == 1
    with pytest.raises(Exception, match="does not exist"):
        kept(store, name)


def test_what_a_bucket_does_not_hold_is_taken_away_without_an_error(
    account: Account, wire: Wire
) -> None:
    assert withdraw([host_step(OTHER, account, KEY, 7)], account, wire) == 1


def test_another_secret_is_refused(
    account: Account, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "another/than/the/one/that/was/given/to/us")
    with pytest.raises(AccountError, match="signature we calculated does not match"):
        put(host_step(ASSET, account, KEY, 1), account, wire)
