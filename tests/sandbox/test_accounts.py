"""The sandbox's accounts open the sandbox, through the clients that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
import requests
import tweepy
from requests_oauthlib import OAuth1

from karnay.sandbox.accounts import FOLDER, media_host, secrets, tables
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://127.0.0.1:8325"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A running sandbox."""
    with Sandbox() as running:
        yield running


def secret(url: str, account: str, field: str) -> str:
    return secrets()[tables(url)[account][field].removeprefix(f"file:{FOLDER}/")]


def test_there_is_one_english_account_of_each_platform() -> None:
    every = tables(URL, pictures=True).values()
    assert [(table["platform"], table["language"]) for table in every] == [
        (platform, "en") for platform in PLATFORMS
    ]


def test_a_network_that_publishes_no_words_alone_is_left_out_without_pictures() -> None:
    assert {*PLATFORMS} - tables(URL).keys() == {"instagram"}


def test_every_secret_is_a_reference_to_a_file() -> None:
    every = (*tables(URL, pictures=True).values(), media_host(URL))
    said = [value for table in every for value in table.values()]
    values = [value for value in said if isinstance(value, str)]
    named = {value.rpartition("/")[2] for value in values if value.startswith("file:")}
    assert named == set(secrets())
    assert set(values).isdisjoint(secrets().values())


def test_telegrams_account_opens(sandbox: Sandbox) -> None:
    table = tables(sandbox.url)["telegram"]
    url = f"{table['api']}/bot{secret(sandbox.url, 'telegram', 'token')}/getChat"
    answer = httpx.get(url, params={"chat_id": table["chat"]}, trust_env=False)
    assert answer.json()["result"]["username"] == "tict_demo"


def test_mastodons_account_opens(sandbox: Sandbox) -> None:
    server = tables(sandbox.url)["mastodon"]["server"]
    headers = {"Authorization": f"Bearer {secret(sandbox.url, 'mastodon', 'token')}"}
    url = f"{server}/api/v1/accounts/verify_credentials"
    assert httpx.get(url, headers=headers, trust_env=False).json()["username"] == "tict_demo"


def test_blueskys_account_opens(sandbox: Sandbox) -> None:
    table = tables(sandbox.url)["bluesky"]
    password = secret(sandbox.url, "bluesky", "password")
    body = {"identifier": table["handle"], "password": password}
    url = f"{table['server']}/xrpc/com.atproto.server.createSession"
    assert httpx.post(url, json=body, trust_env=False).json()["handle"] == table["handle"]


X_SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


def test_xs_account_opens_with_requests_oauthlib(sandbox: Sandbox) -> None:
    keys = [secret(sandbox.url, "x", name) for name in X_SECRETS]
    with requests.Session() as session:
        session.trust_env = False
        url = f"{tables(sandbox.url)['x']['api']}/2/users/me?user.fields=verified"
        assert session.get(url, auth=OAuth1(*keys)).json()["data"]["username"] == "tict_demo"


def test_xs_account_publishes_with_tweepy(sandbox: Sandbox) -> None:
    keys = {name: secret(sandbox.url, "x", name) for name in X_SECRETS}
    auth = tweepy.OAuth1UserHandler(*keys.values()).apply_auth()
    client = tweepy.Client(**keys)
    with client.session as session:
        session.trust_env = False
        url = f"{tables(sandbox.url)['x']['api']}/2/tweets"
        answer = session.post(url, json={"text": "Ҳа & #йўқ 👋"}, auth=auth)
    assert answer.status_code == 201
    assert [post.text for post in sandbox.published("x")] == ["Ҳа & #йўқ 👋"]
