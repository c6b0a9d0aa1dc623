"""X: files, what they cost, being let in by a token, and what is done after publishing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import pytest

from karnay.accounts import Account
from karnay.errors import AccountError, NotReady, Rejected
from karnay.platforms.authorizing import Authorizing
from karnay.platforms.base import Effect, Receipt, Step, cost_of, step_from_json
from karnay.platforms.calls import File, Form, files_in
from karnay.platforms.logins import Asked, OAuth, login_of, places
from karnay.platforms.mastodon import PLATFORM as FREE
from karnay.platforms.wire import Wire
from karnay.platforms.x import PLATFORM
from karnay.platforms.x_desk import Details
from karnay.platforms.x_media import PIECE
from karnay.platforms.x_sample import SAMPLE
from karnay.rendering.variant import Part
from karnay.sandbox.accounts import secrets, tables
from karnay.sandbox.server import Sandbox
from karnay.sandbox.x.identity import USER_TOKEN
from karnay.testing.clock import FixedClock
from karnay.testing.lab import COMMON, KEY, Lab
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.media.asset import Asset
    from karnay.sandbox.world import Published

ONE, TWO = RichText("one"), RichText("two")
LINKED = RichText("See example.org")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Sandbox]:
    """One whose clock the test sets."""
    with Sandbox(clock=clock) as running:
        yield running


def account(url: str, **details: str) -> Account:
    return Account("x", "x", "en", Details.model_validate({"api": f"{url}/x", **details}))


@pytest.fixture
def sandboxed(
    lab: Lab, sandbox: Sandbox, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    for file, value in secrets().items():
        monkeypatch.setenv(file.upper().replace("-", "_"), value)
    table = {name: value for name, value in tables(sandbox.url)["x"].items() if name not in COMMON}
    own = {name: _from_environment(str(value)) for name, value in table.items()}
    lab.account = Account("x", "x", "en", Details.model_validate(own))
    lab.wire = Wire(clock, files=lab.shelf)
    yield lab
    lab.wire.close()


def _from_environment(value: str) -> str:
    file = value.rpartition("/")[2]
    return f"env:{file.upper().replace('-', '_')}" if value.startswith("file:") else value


def published(sandbox: Sandbox) -> list[Published]:
    return sandbox.world.ledger.all("x")


def named(steps: list[Step], name: str) -> Step:
    return next(step for step in steps if step.name == name)


def names(lab: Lab, *assets: Asset) -> list[str]:
    return [step.name for step in lab.plan(lab.variant(ONE, media=assets))]


class TestThePlan:
    def test_a_picture_is_brought_in_one_request_and_described(self, lab: Lab) -> None:
        first, *_ = lab.assets("pictures")
        assert names(lab, first) == ["upload-1", "describe-1", "create-1"]

    def test_decoration_is_not_described(self, lab: Lab) -> None:
        first, *_ = lab.assets("pictures")
        assert names(lab, replace(first, alt="")) == ["upload-1", "create-1"]

    def test_a_video_is_brought_in_pieces_and_waited_for(self, lab: Lab) -> None:
        film = replace(lab.assets("film")[0], size=2 * PIECE + 1)
        pieces = [f"append-1-{number}" for number in (1, 2, 3)]
        assert names(lab, film) == ["upload-1", *pieces, "finalize-1", "await-1", "create-1"]

    def test_a_piece_says_where_it_belongs(self, lab: Lab) -> None:
        film = replace(lab.assets("film")[0], size=PIECE + 7)
        last = named(lab.plan(lab.variant(ONE, media=[film])), "append-1-2")
        assert last.call.body == Form({"segment_index": 1, "media": File(film, PIECE, 7)})

    def test_a_gif_that_moves_is_no_photograph(self, lab: Lab) -> None:
        first, *_ = lab.assets("pictures")
        moving = replace(first, mime="image/gif", animated=True)
        begun = lab.plan(lab.variant(ONE, media=[moving]))[0]
        assert begun.call.body["media_category"] == "tweet_gif"

    def test_every_part_has_its_own_files(self, lab: Lab) -> None:
        first, second, third = lab.assets("pictures")
        variant = lab.variant(ONE, TWO)
        parts = (Part(ONE, (first, second)), Part(TWO, (third,)))
        steps = lab.plan(replace(variant, parts=parts))
        media = [step.call.body["media"]["media_ids"] for step in steps if step.part is not None]
        uploads = [[named(steps, ref.step) for ref in refs] for refs in media]
        carried = [[files_in(step.call.body)[0].asset for step in one] for one in uploads]
        assert carried == [[first, second], [third]]

    def test_a_plan_with_files_survives_being_stored(self, lab: Lab) -> None:
        steps = lab.plan(lab.variant(ONE, media=lab.assets("film")))
        assert [step_from_json(step.as_json()) for step in steps] == steps

    def test_every_part_bears_the_disclosures(self, lab: Lab) -> None:
        told = {"made_with_ai": True, "paid_partnership": True}
        bodies = [step.call.body for step in lab.plan(lab.variant(ONE, TWO, options=told))]
        assert [{name: body.get(name) for name in told} for body in bodies] == [told, told]


class TestTheSandboxTakesIt:
    def test_pictures_arrive_in_their_order_and_described(
        self, sandboxed: Lab, sandbox: Sandbox
    ) -> None:
        assets = sandboxed.assets("pictures")
        sandboxed.publish(sandboxed.plan(sandboxed.variant(ONE, media=assets)))
        (post,) = published(sandbox)
        assert [(one.content, one.alt) for one in post.media] == [
            (sandboxed.shelf.contents[asset.hash], asset.alt) for asset in assets
        ]

    def test_a_video_is_posted_once_x_is_done_with_it(
        self, sandboxed: Lab, sandbox: Sandbox, clock: FixedClock
    ) -> None:
        (film,) = sandboxed.assets("film")
        steps = sandboxed.plan(sandboxed.variant(ONE, media=[film]))
        receipts: dict[str, Receipt] = {}
        carry(sandboxed, steps[:-2], receipts)
        with pytest.raises(NotReady) as caught:
            carry(sandboxed, steps[-2:], receipts)
        assert caught.value.until == clock.now() + timedelta(seconds=1)
        clock.sleep(10)
        carry(sandboxed, steps[-2:], receipts)
        assert published(sandbox)[0].media[0].content == sandboxed.shelf.contents[film.hash]

    def test_a_lost_post_with_pictures_is_found_by_its_text(self, sandboxed: Lab) -> None:
        variant = sandboxed.variant(LINKED, media=sandboxed.assets("pictures"))
        *_, step = sandboxed.publish(sandboxed.plan(variant))
        now = sandboxed.wire.clock.now()
        assert isinstance(PLATFORM.find(step, sandboxed.account, sandboxed.wire, now), Receipt)

    def test_a_post_is_taken_down_and_may_be_gone_already(
        self, sandboxed: Lab, sandbox: Sandbox
    ) -> None:
        (step,) = sandboxed.publish(sandboxed.plan(sandboxed.variant(ONE)))
        receipt = Receipt(published(sandbox)[0].id)
        PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
        PLATFORM.delete(step, receipt, sandboxed.account, sandboxed.wire)
        assert published(sandbox) == []

    def test_a_post_tells_how_it_is_received(self, sandboxed: Lab, sandbox: Sandbox) -> None:
        (step,) = sandboxed.publish(sandboxed.plan(sandboxed.variant(ONE)))
        receipt = Receipt(published(sandbox)[0].id)
        told = PLATFORM.metrics(step, receipt, sandboxed.account, sandboxed.wire)
        assert set(told) == {"likes", "reposts", "replies", "quotes", "bookmarks", "views"}

    def test_a_post_that_is_gone_has_no_counts(self, sandboxed: Lab) -> None:
        (step,) = sandboxed.plan(sandboxed.variant(ONE))
        with pytest.raises(Rejected, match="no such post"):
            PLATFORM.metrics(step, Receipt("1"), sandboxed.account, sandboxed.wire)

    def test_a_token_lets_us_in(
        self, sandboxed: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TOKEN", USER_TOKEN)
        sandboxed.account = account(sandbox.url, token="env:TOKEN")
        variant = sandboxed.variant(ONE, media=sandboxed.assets("pictures"))
        sandboxed.publish(sandboxed.plan(variant))
        assert len(published(sandbox)[0].media) == 3


def carry(lab: Lab, steps: list[Step], receipts: dict[str, Receipt]) -> None:
    for step in steps:
        ready = step.filled(receipts)
        receipts[step.name] = PLATFORM.perform(ready, lab.account, lab.wire)


def awaited(lab: Lab, **work: Any) -> Receipt:
    """What X says of the file in reply to the question whether it is done."""
    told = {"data": {"id": "7", **({"processing_info": work} if work else {})}}
    lab.network.reaction = lambda _request: httpx.Response(200, json=told)
    step = named(lab.plan(lab.variant(ONE, media=lab.assets("film"))), "await-1")
    return PLATFORM.perform(step.filled({"upload-1": Receipt("7")}), lab.account, lab.wire)


class TestWaiting:
    @pytest.mark.parametrize("work", [{}, {"state": "succeeded"}])
    def test_what_is_done_may_be_posted(self, lab: Lab, work: dict[str, Any]) -> None:
        assert awaited(lab, **work) == Receipt("7")

    @pytest.mark.parametrize(
        ("work", "seconds"),
        [({"state": "pending"}, 5), ({"state": "in_progress", "check_after_secs": 9}, 9)],
    )
    def test_x_says_when_to_ask_again(self, lab: Lab, work: dict[str, Any], seconds: int) -> None:
        with pytest.raises(NotReady) as caught:
            awaited(lab, **work)
        assert caught.value.until == lab.clock.now() + timedelta(seconds=seconds)

    def test_a_file_that_x_cannot_use_is_refused(self, lab: Lab) -> None:
        with pytest.raises(Rejected, match="cannot use the file"):
            awaited(lab, state="failed")

    def test_an_answer_without_a_body_is_enough_for_a_piece(self, lab: Lab) -> None:
        step = named(lab.plan(lab.variant(ONE, media=lab.assets("film"))), "append-1-1")
        lab.network.reaction = lambda _request: httpx.Response(204)
        ready = step.filled({"upload-1": Receipt("7")})
        assert PLATFORM.perform(ready, lab.account, lab.wire) == Receipt("1")


class TestTheCost:
    @pytest.mark.parametrize(
        ("texts", "pictures", "dollars"),
        [
            ([ONE], 0, "0.015"),
            ([LINKED], 0, "0.2"),
            ([ONE, LINKED], 0, "0.215"),
            ([ONE], 3, "0.03"),
        ],
    )
    def test_links_and_descriptions_cost_more(
        self, lab: Lab, texts: list[RichText], pictures: int, dollars: str
    ) -> None:
        variant = lab.variant(*texts, media=lab.assets("pictures")[:pictures])
        cost = cost_of(PLATFORM, variant, lab.account)
        assert cost is not None
        assert (cost.amount, cost.currency) == (Decimal(dollars), "USD")

    def test_it_says_what_for(self, lab: Lab) -> None:
        cost = cost_of(PLATFORM, lab.variant(LINKED), lab.account)
        assert str(cost) == "0.2 USD: 1 x 0.200 with a link, where use is paid for"

    def test_a_network_without_prices_costs_nothing_known(self, lab: Lab) -> None:
        assert cost_of(FREE, lab.variant(ONE), lab.account) is None


class TestBeingLetIn:
    def test_the_four_keys_are_asked_for(self, lab: Lab) -> None:
        login = login_of(PLATFORM, lab.account)
        assert isinstance(login, Asked)
        assert set(places(login, "x")) <= set(SAMPLE.account)

    def test_a_token_is_given_in_a_browser(self) -> None:
        one = account("https://api.example.org", token="vault:x", client_id="app")
        login = login_of(PLATFORM, one)
        assert isinstance(login, OAuth)
        assert login.kept_as(one) == "x"
        assert "offline.access" in login.scopes

    def test_a_refresh_token_is_sent_once(self) -> None:
        login = login_of(PLATFORM, account("https://x.example", token="vault:x", client_id="app"))
        assert isinstance(login, OAuth)
        assert login.refresh is not None
        assert (login.refresh.single_use, login.pkce) == (True, True)

    @pytest.mark.parametrize(
        "details",
        [
            {},
            {"consumer_key": "env:A", "access_token": "env:B"},
            {"token": "env:A", "consumer_key": "env:B"},
        ],
    )
    def test_half_a_way_in_is_none(self, details: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="token"):
            Details.model_validate(details)

    def test_a_missing_token_is_about_the_account(self, lab: Lab) -> None:
        one = account("https://api.example.org", token="env:NOT_THERE")
        (step,) = PLATFORM.plan(lab.variant(ONE), one, KEY)
        with pytest.raises(AccountError, match="NOT_THERE"):
            PLATFORM.perform(step, one, lab.wire)

    def test_a_plan_hides_the_token(self, lab: Lab) -> None:
        one = account("https://api.example.org", token="env:NOT_THERE")
        (step,) = PLATFORM.plan(lab.variant(ONE), one, KEY)
        assert step.call.headers == {"Authorization": "Bearer {token}"}
        assert step.effect is Effect.ONCE


class TestLoggingIn:
    def test_a_code_and_then_a_refresh_token_are_traded_for_tokens(
        self, lab: Lab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("APP_SECRET", "secret-of-the-app")
        given = {"access_token": "tok-1", "refresh_token": "ref-1", "expires_in": 7200}
        lab.network.reaction = lambda _request: httpx.Response(200, json=given)
        authorizing = Authorizing(*logging_in(client_secret="env:APP_SECRET"), lab.wire)
        asked = authorizing.begin(BACK)
        address = httpx.URL(asked.address)
        assert str(address.copy_with(query=None)) == "https://x.com/i/oauth2/authorize"
        assert address.params["code_challenge_method"] == "S256"
        tokens = authorizing.finish(asked, f"{BACK}?code=c&state={address.params['state']}")
        (sent,) = lab.sent()
        assert sent.url == "https://api.x.com/2/oauth2/token"
        assert sent.headers["authorization"].startswith("Basic ")
        assert (tokens.refresh_token, tokens.expires_at) == (
            "ref-1",
            lab.clock.now() + timedelta(hours=2),
        )

    def test_a_client_without_a_secret_names_itself(self, lab: Lab) -> None:
        given = {"access_token": "tok-1", "expires_in": 7200}
        lab.network.reaction = lambda _request: httpx.Response(200, json=given)
        authorizing = Authorizing(*logging_in(), lab.wire)
        asked = authorizing.begin(BACK)
        state = httpx.URL(asked.address).params["state"]
        authorizing.finish(asked, f"{BACK}?code=c&state={state}")
        (sent,) = lab.sent()
        assert "authorization" not in sent.headers
        assert dict(parse_qsl(sent.content.decode()))["client_id"] == "app"


BACK = "http://127.0.0.1:8765/karnay"


def logging_in(**more: str) -> tuple[OAuth, Account]:
    details = Details.model_validate({"token": "vault:x", "client_id": "app", **more})
    one = Account("x", "x", "en", details)
    login = login_of(PLATFORM, one)
    assert isinstance(login, OAuth)
    return login, one
