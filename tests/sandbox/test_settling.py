"""Whatever goes wrong with a request, it ends settled, once, and without a person."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from builders import NOON, an_order
from karnay.accounts import Account
from karnay.content.post import Late
from karnay.delivery.rules import MOST_TRIES
from karnay.delivery.states import SETTLED, State
from karnay.engine.publisher import LEASE, Publisher
from karnay.errors import OutcomeUnknown
from karnay.media.asset import Asset
from karnay.media.asset import Kind as MediaKind
from karnay.media.host import Bucket, MediaHost
from karnay.platforms.base import Receipt
from karnay.platforms.registry import platform as platform_of
from karnay.platforms.wire import Wire
from karnay.sandbox.accounts import media_host, secrets, tables
from karnay.sandbox.faults import Fault, Kind, Weather
from karnay.sandbox.linkedin.asking import MEMBER
from karnay.sandbox.networks import PLATFORMS
from karnay.sandbox.server import Sandbox
from karnay.store.budgets import Budgets
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock
from karnay.testing.lab import COMMON
from media_files import photograph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from karnay.delivery.delivery import Delivery, Order
    from karnay.sandbox.world import Published
    from karnay.store.database import Database

MOST_TURNS = 200
TEXTS = (
    "Янгилик & <news> 👍🏽: https://example.org/a?b=c&d=e #TICT",
    "Оf a threаd, the second @tict_uz\n\nwith  spaces",
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind is enough: what settles is the network's."""
    return sqlite_database


@pytest.fixture
def accounts(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, Account]:
    for name, value in secrets().items():
        monkeypatch.setenv(_variable(name), value)
    table = _referring({**media_host(sandbox.url)})
    del table["kind"]
    host = MediaHost(Bucket.model_validate(table), b"what nobody can guess")
    every = tables(sandbox.url, pictures=True)
    return {name: _account(name, table, host) for name, table in every.items()}


def _variable(file: str) -> str:
    return f"SANDBOX_{file.upper().replace('-', '_')}"


def _account(name: str, table: dict[str, Any], host: MediaHost) -> Account:
    own = {key: value for key, value in table.items() if key not in COMMON}
    details = platform_of(table["platform"]).details.model_validate(_referring(own))
    return Account(name, table["platform"], "en", details, media_host=host)


def _referring(table: dict[str, Any]) -> dict[str, Any]:
    """The table with its secrets in the environment."""
    return {
        key: f"env:{_variable(value.rpartition('/')[2])}" if value.startswith("file:") else value
        for key, value in table.items()
    }


PHOTOGRAPH = photograph((600, 600))
PICTURE = Asset(
    MediaKind.IMAGE,
    "open-day.jpg",
    hashlib.sha256(PHOTOGRAPH).hexdigest(),
    "image/jpeg",
    len(PHOTOGRAPH),
    *(600, 600),
)


class OnePicture:
    """Where the bytes of the only file are."""

    def open(self, name: str) -> BinaryIO:
        assert name == PICTURE.hash
        return io.BytesIO(PHOTOGRAPH)


def taken(account: Account, texts: Sequence[str]) -> Sequence[str]:
    """As many of the texts as the network takes in one thread."""
    return texts[: platform_of(account.platform).limits(account, media=True).parts]


def an_order_for(account: Account, *texts: str, **terms: Any) -> Order:
    """These texts, as far as the network takes them, with as few pictures as it wants."""
    names = {"account": account.name, "platform": account.platform}
    order = an_order(*taken(account, texts), **names, **terms)
    least = platform_of(account.platform).limits(account, media=True).media.least
    first, *others = order.variant.parts
    parts = (replace(first, media=(PICTURE,) * least), *others)
    return replace(order, variant=replace(order.variant, parts=parts))


class Office:
    """Queues posts, and lets time pass until nothing more happens by itself."""

    def __init__(self, queue: Queue, publisher: Publisher) -> None:
        self.queue, self.publisher, self.journal = queue, publisher, publisher.journal

    def publish(self, platform: str, *texts: str, post: str = "open-day", **terms: Any) -> Delivery:
        account = self.publisher.accounts[platform]
        order = an_order_for(account, *texts, post=post, **terms)
        [queued] = self.queue.add([order], NOON)
        turns = 0
        while self.queue.get(queued.id).state not in SETTLED and turns < MOST_TURNS:
            self._turn()
            turns += 1
        return self.queue.get(queued.id)

    def parts(self, platform: str) -> tuple[str, ...]:
        """As many of the texts as a post may have parts there."""
        account = self.publisher.accounts[platform]
        return TEXTS[: platform_of(platform).limits(account).parts]

    def _turn(self) -> None:
        clock = self.publisher.clock
        assert isinstance(clock, FixedClock)
        moment = self.journal.next_moment() or clock.now() + timedelta(minutes=1)
        clock.move(max(moment - clock.now(), timedelta()))
        for delivery in self.journal.claim_looks(clock.now(), LEASE):
            self.publisher.look(delivery)
        for delivery in self.journal.claim(clock.now(), LEASE):
            self.publisher.publish(delivery)


@pytest.fixture
def office(
    queue: Queue,
    journal: Journal,
    accounts: dict[str, Account],
    clock: FixedClock,
    database: Database,
) -> Iterator[Office]:
    wire, budgets = Wire(clock, files=OnePicture()), Budgets(database)
    yield Office(queue, Publisher(journal, accounts, clock, wire, budgets, luck=lambda: 0.5))
    wire.close()


def chained(posts: list[Published]) -> list[str]:
    """What each post should say that it answers."""
    return ["", *(post.id for post in posts[:-1])]


def assert_once(sandbox: Sandbox, platform: str, delivery: Delivery, *texts: str) -> None:
    posts = sandbox.published(platform)
    assert [post.text for post in posts] == list(texts)
    assert [post.reply_to for post in posts] == chained(posts)
    assert (delivery.state, delivery.error) == (State.PUBLISHED, "")


OFTEN = {(Kind.DROP, 1), (Kind.BROKEN, 1), (Kind.RATE_LIMIT, 3)}
"""The faults that stand for all others in the runs that leave out what is slow."""

FAULTS = [
    pytest.param(kind, times, marks=() if (kind, times) in OFTEN else pytest.mark.slow)
    for kind in Kind
    if kind is not Kind.REFUSE
    for times in (1, 3)
]


@pytest.mark.parametrize(("kind", "times"), FAULTS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_after_any_fault_a_thread_is_there_once(
    office: Office, sandbox: Sandbox, platform: str, kind: Kind, times: int
) -> None:
    texts = office.parts(platform)
    sandbox.world.faults.put(platform, Fault(kind, times, 0.02))
    assert_once(sandbox, platform, office.publish(platform, *texts), *texts)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_refused_text_is_failed_and_not_there(
    office: Office, sandbox: Sandbox, platform: str
) -> None:
    sandbox.fault(platform, "refuse")
    assert office.publish(platform, *office.parts(platform)).state is State.FAILED
    assert sandbox.published(platform) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("platform", PLATFORMS)
def test_in_any_weather_every_post_is_there_once(
    office: Office, sandbox: Sandbox, platform: str, seed: int
) -> None:
    kinds = tuple(kind for kind in Kind if kind is not Kind.REFUSE)
    sandbox.world.faults.let(platform, Weather(kinds, 0.5, seed, 0.01))
    texts = [f"Post {number}" for number in range(12)]
    states = [office.publish(platform, text, post=text).state for text in texts]
    assert [post.text for post in sandbox.published(platform)] == texts
    assert states == [State.PUBLISHED] * len(texts)


def test_xs_refusal_of_a_lost_post_as_a_duplicate_is_a_sighting(
    office: Office, sandbox: Sandbox, accounts: dict[str, Account], clock: FixedClock
) -> None:
    x, account, wire = platform_of("x"), accounts["x"], office.publisher.wire
    order = an_order("Hello", account="x", platform="x")
    [step] = x.plan(order.variant, account, order.key)
    sandbox.fault("x", "drop")
    with pytest.raises(OutcomeUnknown):
        x.perform(step, account, wire)
    clock.sleep(60)
    with pytest.raises(OutcomeUnknown, match="duplicate content"):
        x.perform(step, account, wire)
    [post] = sandbox.published("x")
    assert x.find(step, account, wire, NOON) == Receipt(post.id, post.link)


def test_a_text_that_x_has_already_ends_with_a_person_and_not_in_a_circle(
    office: Office, sandbox: Sandbox, clock: FixedClock
) -> None:
    office.publish("x", "Hello")
    clock.move(timedelta(minutes=10))
    again = office.publish("x", "Hello", post="the same")
    assert again.state is State.UNKNOWN
    assert "X has this text already" in again.error
    assert len(sandbox.published("x")) == 1


def test_linkedins_refusal_of_a_lost_post_as_a_duplicate_is_a_sighting(
    office: Office, sandbox: Sandbox, accounts: dict[str, Account]
) -> None:
    linkedin, account, wire = platform_of("linkedin"), accounts["linkedin"], office.publisher.wire
    order = an_order("Hello", account="linkedin", platform="linkedin")
    [step] = linkedin.plan(order.variant, account, order.key)
    sandbox.fault("linkedin", "drop")
    with pytest.raises(OutcomeUnknown):
        linkedin.perform(step, account, wire)
    with pytest.raises(OutcomeUnknown, match="duplicate"):
        linkedin.perform(step, account, wire)
    [post] = sandbox.published("linkedin")
    assert linkedin.find(step, account, wire, NOON) == Receipt(post.id, post.link)


def test_a_members_lost_post_on_linkedin_ends_with_a_person(
    office: Office,
    sandbox: Sandbox,
    accounts: dict[str, Account],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(_variable("linkedin-token"), MEMBER)
    details = accounts["linkedin"].details
    member = details.model_copy(update={"author": "urn:li:person:member-1"})
    accounts["linkedin"] = replace(accounts["linkedin"], details=member)
    sandbox.fault("linkedin", "drop")
    lost = office.publish("linkedin", "Hello")
    assert lost.state is State.UNKNOWN
    assert "look at the member's profile" in lost.error
    assert len(sandbox.published("linkedin")) == 1


ENDINGS = {
    "tries": {},
    "expired": {"expires_at": NOON + timedelta(seconds=20)},
    "skipped": {"late": Late.SKIP, "max_late": timedelta()},
    "held": {"late": Late.HOLD, "max_late": timedelta()},
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", [Kind.BROKEN_MADE, Kind.DROP])
def test_a_keyed_post_that_is_there_is_never_given_up(
    office: Office, sandbox: Sandbox, kind: Kind, ending: str
) -> None:
    sandbox.world.faults.put("bluesky", Fault(kind, None))
    assert_once(sandbox, "bluesky", office.publish("bluesky", "Hi", **ENDINGS[ending]), "Hi")


@pytest.mark.parametrize(
    ("ending", "state"),
    [("tries", State.FAILED), ("expired", State.FAILED), ("skipped", State.CANCELLED)],
)
def test_a_keyed_post_that_is_not_there_is_given_up_in_the_end(
    office: Office, sandbox: Sandbox, ending: str, state: State
) -> None:
    sandbox.world.faults.put("bluesky", Fault(Kind.BROKEN, None))
    assert office.publish("bluesky", "Hi", **ENDINGS[ending]).state is state
    assert sandbox.published("bluesky") == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_post_that_never_arrives_is_tried_no_more_often_than_any(
    office: Office, sandbox: Sandbox, platform: str
) -> None:
    sandbox.world.faults.put(platform, Fault(Kind.CLOSE, None))
    assert office.publish(platform, "Hi", late=Late.PUBLISH).state is State.FAILED
    history = office.queue.history(1)
    assert len([one for one in history.attempts if one.step == "create-1"]) == MOST_TRIES
