"""The reference server of the AT Protocol takes what we send, and we understand what it says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from karnay.clock import SystemClock
from karnay.errors import AccountError, Rejected
from karnay.media.limits import ImageLimits, MediaLimits
from karnay.platforms.atproto import Credentials, Door
from karnay.platforms.base import Absent, Key, Receipt, Step
from karnay.platforms.bluesky import PLATFORM
from karnay.platforms.calls import Call
from karnay.platforms.wire import Sessions
from karnay.rendering.variant import Card, Part, Variant
from karnay.secrets import SecretRef
from karnay.testing.assets import Shelf
from karnay.testing.clock import START
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.wire import Wire

HANDLE, PASSWORD = "tict.test", "correct horse"
FAMILY = "👨‍👩‍👧‍👦"  # one grapheme of 25 bytes
SIGNING_KEY = b"jwt-secret-jwt-secret"  # the server's, by shared/servers/bluesky-pds.mjs


@pytest.fixture(scope="module")
def server(
    shared: Callable[[str], Path],
    installed: Callable[[str], Path],
    served: Callable[..., Any],
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A server of our own, with its own directory of identities."""
    script, node, home = shared("servers/bluesky-pds.mjs"), installed("bin/node"), installed("pds")
    port, data = free_port(), tmp_path_factory.mktemp("pds")
    with served([node, script, home, str(port), str(free_port()), data], port) as address:
        yield address


@pytest.fixture(scope="module")
def account(server: str, an_account: Callable[..., Account]) -> Account:
    """An account on that server."""
    wanted = {"handle": HANDLE, "email": "press@example.org", "password": PASSWORD}
    called(server, "server.createAccount", wanted)
    return an_account("bluesky", handle=HANDLE, password="env:PDS_PASSWORD", server=server)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PDS_PASSWORD", PASSWORD)


def called(
    server: str, method: str, body: dict[str, str] | None = None, **query: str
) -> dict[str, Any]:
    """The server's answer to somebody who is not karnay."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        url, verb = f"{server}/xrpc/com.atproto.{method}", "POST" if body else "GET"
        answer = client.request(verb, url, json=body, params=query).raise_for_status().json()
    return dict(answer)


def a_plan(
    account: Account, parts: Sequence[Part], *, language: str = "en", **options: Any
) -> list[Step]:
    variant = Variant(account.name, "bluesky", language, "", tuple(parts), options)
    return PLATFORM.plan(variant, account, Key.of("post", variant, START))


def published(
    account: Account, wire: Wire, parts: Sequence[Part], *, language: str = "en", **options: Any
) -> list[tuple[Step, Receipt]]:
    """The steps as they were performed, with what they received."""
    receipts: dict[str, Receipt] = {}
    done = []
    for step in a_plan(account, parts, language=language, **options):
        ready = step.filled(receipts)
        receipts[step.name] = PLATFORM.perform(ready, account, wire)
        done.append((ready, receipts[step.name]))
    return done


def stored(server: str, step: Step) -> dict[str, Any]:
    """The record under that step's key."""
    where = {name: step.call.body[name] for name in ("repo", "collection", "rkey")}
    return dict(called(server, "repo.getRecord", None, **where)["value"])


def plain(text: str) -> Part:
    return Part(RichText(text))


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    """Logging in is slow by design, so most tests share one session."""
    return Sessions()


@pytest.fixture
def signed_in(wire: Wire, sessions: Sessions, shelf: Shelf) -> Wire:
    """A wire that need not log in, once anybody has."""
    wire.sessions = sessions
    wire.files = shelf
    return wire


@pytest.fixture
def shelf() -> Shelf:
    """What the files of a post are made of."""
    return Shelf()


def pictures(shelf: Shelf, mime: str = "image/jpeg") -> tuple[Asset, ...]:
    """Three of that type."""
    return shelf.pictures(MediaLimits(most=3, images=ImageLimits((mime,), 2_000_000)))


def shown_in(server: str, done: Sequence[tuple[Step, Receipt]]) -> Any:
    """The embed of the first post."""
    return stored(server, next(step for step, _ in done if step.part == 0))["embed"]


def test_every_text_is_stored_as_planned(
    server: str,
    account: Account,
    signed_in: Wire,
    rich: RichText,
    worded: Callable[..., tuple[Part, ...]],
) -> None:
    done = published(account, signed_in, worded(rich, PLATFORM.limits(account)))
    posts = [step for step, _ in done if step.part is not None]
    assert [stored(server, step) for step in posts] == [step.call.body["record"] for step in posts]


def test_a_thread_hangs_together(server: str, account: Account, signed_in: Wire) -> None:
    done = published(account, signed_in, [plain(f"{number} of 3") for number in (1, 2, 3)])
    ids = [{"uri": receipt.id, "cid": receipt.get("cid")} for _, receipt in done]
    assert [stored(server, step).get("reply") for step, _ in done] == [
        None,
        {"root": ids[0], "parent": ids[0]},
        {"root": ids[0], "parent": ids[1]},
    ]


@pytest.mark.parametrize("language", ["en", "uz", "uz-Cyrl", "zh-Hans-CN"])
def test_every_language_is_taken(
    server: str, account: Account, signed_in: Wire, language: str
) -> None:
    [(step, _)] = published(account, signed_in, [plain("Salom")], language=language)
    assert stored(server, step)["langs"] == [language]


@pytest.mark.parametrize("address", ["https://example.org/a?b=c#d", "https://пример.рф/путь"])
def test_a_card_is_taken(server: str, account: Account, signed_in: Wire, address: str) -> None:
    card = Card(address, "Title “é”", "Words\u2028and more")
    [(step, _)] = published(account, signed_in, [Part(RichText("See"), card=card)])
    assert stored(server, step)["embed"]["external"]["uri"] == address


@pytest.mark.parametrize("text", ["x" * 300, "é" * 300, "a\u0301" * 300, FAMILY * 120])
def test_what_just_fits_is_taken(server: str, account: Account, signed_in: Wire, text: str) -> None:
    assert PLATFORM.limits(account).fits(RichText(text))
    [(step, _)] = published(account, signed_in, [plain(text)])
    assert stored(server, step)["text"] == text


@pytest.mark.parametrize("text", ["x" * 301, "a\u0301" * 301, FAMILY * 120 + "x"])
def test_what_just_does_not_fit_is_rejected(account: Account, signed_in: Wire, text: str) -> None:
    assert not PLATFORM.limits(account).fits(RichText(text))
    with pytest.raises(Rejected, match=r"\$\.record\.text"):
        published(account, signed_in, [plain(text)])


def test_sending_again_changes_nothing(server: str, account: Account, signed_in: Wire) -> None:
    [(_, first)] = published(account, signed_in, [plain("once")])
    before = called(server, "sync.getLatestCommit", did=first.id.split("/")[2])
    [(_, second)] = published(account, signed_in, [plain("once")])
    after = called(server, "sync.getLatestCommit", did=first.id.split("/")[2])
    assert (first, dict(first.data), before) == (second, dict(second.data), after)


def test_a_post_is_found_only_once_it_is_there(account: Account, signed_in: Wire) -> None:
    [step] = a_plan(account, [plain("lost")])
    before = PLATFORM.find(step, account, signed_in, START)
    receipt = PLATFORM.perform(step, account, signed_in)
    assert (before, PLATFORM.find(step, account, signed_in, START)) == (Absent(), receipt)


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "image/webp"])
def test_pictures_are_shown_with_their_descriptions(
    server: str, account: Account, signed_in: Wire, shelf: Shelf, mime: str
) -> None:
    assets = pictures(shelf, mime)
    embed = shown_in(server, published(account, signed_in, [Part(RichText("See"), assets)]))
    assert embed["$type"] == "app.bsky.embed.images"
    assert [image["alt"] for image in embed["images"]] == [asset.alt for asset in assets]
    assert [image["image"]["mimeType"] for image in embed["images"]] == [mime] * 3


@pytest.mark.parametrize("count", [5, 10])
def test_more_than_four_pictures_are_a_gallery(
    server: str, account: Account, signed_in: Wire, shelf: Shelf, count: int
) -> None:
    assets = (pictures(shelf) * 4)[:count]
    embed = shown_in(server, published(account, signed_in, [Part(RichText("See"), assets)]))
    assert embed["$type"] == "app.bsky.embed.gallery"
    assert [item["alt"] for item in embed["items"]] == [asset.alt for asset in assets]


def test_a_card_shows_its_picture(
    server: str, account: Account, signed_in: Wire, shelf: Shelf
) -> None:
    card = Card("https://example.org/a", "Title", "Words", pictures(shelf)[0])
    done = published(account, signed_in, [Part(RichText("See"), card=card)])
    assert shown_in(server, done)["external"]["thumb"]["ref"]["$link"] == done[0][1].id


@pytest.mark.parametrize(
    ("options", "collection", "rules"),
    [
        ({"replies": "nobody"}, "app.bsky.feed.threadgate", {"allow": []}),
        (
            {
                "replies": [
                    "mentioned",
                    "followers",
                    "followed",
                    "at://a.test/app.bsky.graph.list/3",
                ]
            },
            "app.bsky.feed.threadgate",
            {
                "allow": [
                    {"$type": "app.bsky.feed.threadgate#mentionRule"},
                    {"$type": "app.bsky.feed.threadgate#followerRule"},
                    {"$type": "app.bsky.feed.threadgate#followingRule"},
                    {
                        "$type": "app.bsky.feed.threadgate#listRule",
                        "list": "at://a.test/app.bsky.graph.list/3",
                    },
                ]
            },
        ),
        (
            {"quotes": False},
            "app.bsky.feed.postgate",
            {"embeddingRules": [{"$type": "app.bsky.feed.postgate#disableRule"}]},
        ),
    ],
)
def test_a_gate_stands_under_the_key_of_its_post(
    server: str,
    account: Account,
    signed_in: Wire,
    options: dict[str, Any],
    collection: str,
    rules: dict[str, Any],
) -> None:
    [(post, receipt), (gate, _)] = published(account, signed_in, [plain("gated")], **options)
    assert gate.call.body["collection"] == collection
    assert gate.call.body["rkey"] == post.call.body["rkey"]
    assert stored(server, gate).items() >= {"post": receipt.id, **rules}.items()


def test_labels_and_languages_are_taken(server: str, account: Account, signed_in: Wire) -> None:
    options = {"labels": ["graphic-media", "!no-unauthenticated"], "langs": ["uz", "ru", "en"]}
    [(step, _)] = published(account, signed_in, [plain("labelled")], **options)
    record = stored(server, step)
    assert record["langs"] == ["uz", "ru", "en"]
    assert [value["val"] for value in record["labels"]["values"]] == options["labels"]


def test_a_post_is_changed_in_its_place(
    server: str, account: Account, signed_in: Wire, shelf: Shelf
) -> None:
    part = Part(RichText("before"), pictures(shelf))
    *_, (step, receipt) = published(account, signed_in, [part])
    done = published(account, signed_in, [Part(RichText("after"), pictures(shelf)[:1])])
    changed = PLATFORM.edit(done[-1][0], receipt, account, signed_in)
    again = PLATFORM.edit(done[-1][0], receipt, account, signed_in)
    assert (changed.id, changed.link) == (receipt.id, receipt.link)
    assert dict(changed.data) == dict(again.data) != dict(receipt.data)
    record = stored(server, step)
    assert (record["text"], len(record["embed"]["images"])) == ("after", 1)


def test_what_is_gone_is_not_published_anew(account: Account, signed_in: Wire) -> None:
    [(step, receipt)] = published(account, signed_in, [plain("taken down")])
    PLATFORM.delete(step, receipt, account, signed_in)
    PLATFORM.delete(step, receipt, account, signed_in)
    assert PLATFORM.find(step, account, signed_in, START) == Absent()
    with pytest.raises(Rejected, match="not there"):
        PLATFORM.edit(step, receipt, account, signed_in)


def test_the_server_vouches_for_us_at_the_video_service(
    server: str, account: Account, signed_in: Wire
) -> None:
    """The service itself is not here: that anybody is asked at all shows that there is a token."""
    signed_in.clock = SystemClock()  # the server will not vouch for what is over
    local = server.replace("127.0.0.1", "localhost")
    password = SecretRef("env:PDS_PASSWORD")
    door = Door(Credentials("vouched", HANDLE, password, local), signed_in)
    asked = Call("GET", f"{server}/xrpc/_health", {"Authorization": "Bearer {service}"})
    assert door.serve(asked, "com.atproto.repo.uploadBlob").ok


def test_a_known_handle_is_mentioned_and_an_unknown_one_is_not(
    server: str, account: Account, signed_in: Wire
) -> None:
    spans = (
        Span(0, 10, Kind.MENTION, HANDLE),
        Span(11, 23, Kind.MENTION, "nobody.test"),
    )
    done = published(account, signed_in, [Part(RichText(f"@{HANDLE} @nobody.test", spans))])
    facets = stored(server, done[-1][0])["facets"]
    did = PLATFORM.identify(account, signed_in).facts["did"]
    assert [facet["features"][0]["did"] for facet in facets] == [did]


@pytest.mark.parametrize("age", [1, 7200])
def test_an_expired_session_is_renewed(account: Account, wire: Wire, age: int) -> None:
    PLATFORM.identify(account, wire)
    session = wire.sessions.get(account.name) or {}
    late = expired(session["access"], age)
    wire.sessions.put(account.name, {**session, "access": late})
    published(account, wire, [plain("renewed")])
    assert (wire.sessions.get(account.name) or {})["access"] != late


def expired(token: str, age: int) -> str:
    """The same token, signed by the server, but over since that many seconds."""
    head, claims, _ = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    late = json.dumps({**told, "exp": int(time.time()) - age}).encode()
    signed = f"{head}.{_packed(late)}"
    return f"{signed}.{_packed(hmac.new(SIGNING_KEY, signed.encode(), hashlib.sha256).digest())}"


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_a_session_that_the_server_never_gave_is_replaced(
    server: str, account: Account, wire: Wire
) -> None:
    wire.sessions.put(account.name, {"access": "x.y.z", "refresh": "x.y.z", "server": server})
    [(step, _)] = published(account, wire, [plain("replaced")])
    assert stored(server, step)["text"] == "replaced"


def test_a_wrong_password_is_about_the_account(
    account: Account, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PDS_PASSWORD", "wrong horse")
    with pytest.raises(AccountError, match="Invalid identifier or password"):
        published(account, wire, [plain("never")])


def test_a_foreign_account_is_about_the_account(
    server: str, wire: Wire, account: Account, an_account: Callable[..., Account]
) -> None:
    """A handle that the server does not have under this password."""
    other = an_account("bluesky", handle="nobody.test", password="env:PDS_PASSWORD", server=server)
    with pytest.raises(AccountError):
        published(other, wire, [plain("never")])
