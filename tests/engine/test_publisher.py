"""One claimed delivery, taken as far as it will go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from builders import HOUR, NOON, an_order
from karnay.content.post import Late
from karnay.delivery.delivery import Delivery
from karnay.delivery.states import Event, State
from karnay.engine.publisher import LATEST_EFFECT, LEASE, Point, Publisher
from karnay.engine.vitals import Vitals
from karnay.errors import StoreGone
from karnay.platforms.base import Absent, Receipt
from karnay.store.database import Database
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from karnay.testing.clock import FixedClock

SECRET = "424242:AAH-secret-token-of-the-test"


def answering(status: int, body: object, **headers: str) -> object:
    return lambda _request: httpx.Response(status, json=body, headers=headers)


def cut(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset by peer")


def refused(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


def no(code: int, words: str) -> object:
    return answering(code, {"ok": False, "error_code": code, "description": words})


@pytest.fixture
def claim(queue: Queue, journal: Journal) -> object:
    def claimed(*texts: str, **terms: object) -> Delivery:
        queue.add([an_order(*texts, **terms)], NOON)
        [delivery] = journal.claim(NOON, LEASE)
        return delivery

    return claimed


def test_all_parts_go_out_in_order_and_leave_receipts(
    claim, publisher: Publisher, network, queue: Queue
) -> None:
    done = publisher.publish(claim("one", "two", "three"))
    assert done.state is State.PUBLISHED
    assert network.texts == ["one", "two", "three"]
    assert queue.links([done.id])[done.id] == [f"https://t.me/demo/{n}" for n in (1, 2, 3)]


def test_what_was_not_sent_is_tried_again_later(claim, publisher: Publisher, network) -> None:
    network.reactions = [refused]
    put_off = publisher.publish(claim())
    assert put_off.state is State.SCHEDULED
    assert put_off.due_at > NOON
    assert put_off.tries == 1


def test_a_thread_goes_on_where_it_stopped(
    claim, publisher: Publisher, network, journal: Journal
) -> None:
    network.reactions = [network.handle_request, no(429, "Too Many Requests: retry after 5")]
    network.reactions[0] = lambda request: _pass(network, request)
    put_off = publisher.publish(claim("one", "two"))
    assert put_off.state is State.SCHEDULED
    [again] = journal.claim(put_off.due_at + HOUR, LEASE)
    assert publisher.publish(again).state is State.PUBLISHED
    assert network.texts == ["one", "two"]


def _pass(network, request: httpx.Request) -> httpx.Response:
    waiting, network.reactions = network.reactions, []
    try:
        return network.handle_request(request)
    finally:
        network.reactions = waiting


def test_a_rate_limit_costs_no_try(claim, publisher: Publisher, network, queue: Queue) -> None:
    limit = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 35",
             "parameters": {"retry_after": 35}}  # fmt: skip
    network.reactions = [answering(429, limit)]
    put_off = publisher.publish(claim())
    assert (put_off.tries, put_off.due_at) == (0, NOON)
    assert queue.accounts()["telegram"].quiet_until == NOON + timedelta(seconds=35)


def test_a_refused_post_fails_with_the_networks_own_words(
    claim, publisher: Publisher, network
) -> None:
    network.reactions = [no(400, "Bad Request: message is too long")]
    failed = publisher.publish(claim())
    assert failed.state is State.FAILED
    assert "message is too long" in failed.error


def test_a_revoked_token_pauses_the_account_and_keeps_the_delivery(
    claim, publisher: Publisher, network, queue: Queue
) -> None:
    network.reactions = [no(401, "Unauthorized")]
    kept = publisher.publish(claim())
    assert kept.state is State.SCHEDULED
    assert "Unauthorized" in queue.accounts()["telegram"].paused


def test_a_secret_that_cannot_be_read_pauses_the_account(
    claim, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, queue: Queue
) -> None:
    monkeypatch.delenv("TG")
    assert publisher.publish(claim()).state is State.SCHEDULED
    assert "TG is not set" in queue.accounts()["telegram"].paused


def test_a_cut_connection_is_unknown_and_never_sent_again_blindly(
    claim, publisher: Publisher, network, journal: Journal
) -> None:
    network.reactions = [cut]
    lost = publisher.publish(claim())
    assert lost.state is State.UNKNOWN
    assert journal.claim(NOON + 24 * HOUR, LEASE) == []


def test_where_the_network_cannot_be_asked_a_person_is(
    claim, publisher: Publisher, network, journal: Journal, clock: FixedClock
) -> None:
    network.reactions = [cut]
    lost = publisher.publish(claim())
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    asked = publisher.look(looking)
    assert (asked.state, asked.look_at) == (State.UNKNOWN, None)


def test_an_unforeseen_error_after_sending_is_unknown(claim, publisher: Publisher, network) -> None:
    network.reactions = [answering(200, {"surprise": True})]
    assert publisher.publish(claim()).state is State.UNKNOWN


def test_no_secret_is_kept_in_an_error(
    claim, publisher: Publisher, network, database: Database, tmp_path: Path
) -> None:
    network.reactions = [no(400, f"Bad Request: no such bot{SECRET}/sendMessage")]
    publisher.publish(claim())
    database.close()
    files = [file.read_bytes() for file in tmp_path.glob("karnay.db*")]
    assert not [content for content in files if SECRET.encode() in content]


@pytest.mark.parametrize(
    ("late", "state", "held"),
    [
        (Late.PUBLISH, State.PUBLISHED, False),
        (Late.HOLD, State.SCHEDULED, True),
        (Late.SKIP, State.CANCELLED, False),
    ],
)
def test_after_downtime_the_post_decides(
    claim, publisher: Publisher, clock: FixedClock, late: Late, state: State, held: bool
) -> None:
    delivery = claim(late=late, max_late=HOUR)
    clock.move(HOUR + timedelta(seconds=1))
    ended = publisher.publish(delivery)
    assert (ended.state, bool(ended.held)) == (state, held)


def test_what_has_expired_is_never_sent(
    claim, publisher: Publisher, clock: FixedClock, network
) -> None:
    delivery = claim(late=Late.PUBLISH, expires_at=NOON + HOUR)
    clock.move(HOUR)
    assert publisher.publish(delivery).state is State.FAILED
    assert network.texts == []


def test_an_account_that_is_gone_holds_its_queue(claim, publisher: Publisher, network) -> None:
    lonely = replace(publisher, accounts={})
    held = lonely.publish(claim())
    assert "no longer in karnay.toml" in held.held
    assert network.texts == []


def test_a_receipt_is_not_kept_waiting_for_a_file_that_is_gone(
    sqlite_database: Database, publisher: Publisher, clock: FixedClock, network, tmp_path: Path
) -> None:
    Queue(sqlite_database, "nilufar").add([an_order()], NOON)
    journal = Journal(sqlite_database, "here:1")
    [delivery] = journal.claim(NOON, LEASE)
    losing = replace(publisher, journal=journal, passing=_losing(tmp_path / "karnay.db"))
    with pytest.raises(StoreGone):
        losing.publish(delivery)
    assert (network.texts, clock.now()) == (["Open day on Saturday."], NOON)


def _losing(file: Path) -> object:
    """Delete the file while the request is out."""
    at = {Point.ANSWERED: file.unlink}
    return lambda point: at.get(point, lambda: None)()


def test_a_stopping_publisher_ends_after_the_step_in_hand(
    claim, publisher: Publisher, network
) -> None:
    leaving = replace(publisher, stopping=lambda: bool(network.texts))
    put_back = leaving.publish(claim("one", "two"))
    assert put_back.state is State.SCHEDULED
    assert network.texts == ["one"]


def test_a_publisher_that_was_overtaken_begins_no_step(
    claim, publisher: Publisher, network, database: Database
) -> None:
    delivery = claim()
    Journal(database, "elsewhere:2").claim_lost(NOON, LEASE, all_others=True)
    assert publisher.publish(delivery) is None
    assert network.texts == []


def test_a_worker_that_died_before_its_request_leaves_the_delivery_scheduled(
    claim, publisher: Publisher
) -> None:
    assert publisher.recover(claim()).state is State.SCHEDULED


def test_a_worker_that_died_in_a_visible_step_leaves_a_doubt(
    claim, publisher: Publisher, network
) -> None:
    def dies(_request: httpx.Request) -> httpx.Response:
        raise SystemExit

    network.reactions = [dies]
    delivery = claim()
    with pytest.raises(SystemExit):
        publisher.publish(delivery)
    assert publisher.recover(delivery).state is State.UNKNOWN


def test_the_sightings_of_a_platform_settle_an_unknown_delivery(
    claim, publisher: Publisher, network, journal: Journal, queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from karnay.platforms.registry import platform

    seen = iter([Receipt("9", "https://t.me/demo/9")])
    monkeypatch.setattr(type(platform("telegram")), "find", lambda *_: next(seen))
    network.reactions = [cut]
    lost = publisher.publish(claim("one", "two"))
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    assert publisher.look(looking).state is State.SCHEDULED
    [again] = journal.claim(NOON, LEASE)
    assert publisher.publish(again).state is State.PUBLISHED
    assert network.texts == ["two"]


def test_what_a_look_finds_is_told_in_the_log(
    claim, publisher: Publisher, network, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from karnay.platforms.registry import platform

    seen = Receipt("9", "https://t.me/demo/9")
    monkeypatch.setattr(type(platform("telegram")), "find", lambda *_: seen)
    network.reactions = [cut]
    lost = publisher.publish(claim())
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    with capture_logs(processors=[merge_contextvars]) as lines:
        publisher.look(looking)
    assert [(line["event"], line["delivery"]) for line in lines] == [("finished", looking.id)]


def test_a_look_that_was_overtaken_settles_nothing(
    claim, publisher: Publisher, network, journal: Journal, queue: Queue
) -> None:
    network.reactions = [cut]
    lost = publisher.publish(claim())
    [late] = journal.claim_looks(lost.look_at, timedelta(seconds=1))
    [looking] = journal.claim_looks(NOON + HOUR, LEASE)
    assert publisher.look(late) is None
    assert queue.get(looking.id).look_at is not None


def test_what_is_proven_absent_is_sent_once_more(
    claim, publisher: Publisher, network, journal: Journal, clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from karnay.platforms.registry import platform

    monkeypatch.setattr(type(platform("telegram")), "find", lambda *_: Absent())
    network.reactions = [cut]
    lost = publisher.publish(claim())
    clock.move(timedelta(minutes=10))
    [first] = journal.claim_looks(clock.now(), LEASE)
    assert publisher.look(first).state is State.UNKNOWN
    clock.move(timedelta(minutes=1))
    [second] = journal.claim_looks(clock.now(), LEASE)
    absent = publisher.look(second)
    assert (absent.state, absent.tries) == (State.SCHEDULED, 1)
    assert journal.claim(clock.now(), LEASE) == []
    clock.move(absent.due_at - clock.now())
    [again] = journal.claim(clock.now(), LEASE)
    assert publisher.publish(again).state is State.PUBLISHED
    assert lost.id == again.id


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Welcome to our Wi-Fi</h1>"),
        httpx.Response(302, headers={"Location": "https://portal.example/login"}),
        httpx.Response(403, html="<h1>Forbidden</h1>"),
        httpx.Response(503, html="<h1>Service Unavailable</h1>"),
        httpx.Response(200, content=b""),
    ],
    ids=["portal", "elsewhere", "forbidden", "unavailable", "nothing"],
)
def test_a_page_that_is_not_the_channels_is_looked_at_again_and_asks_nobody(
    claim, publisher: Publisher, network, journal: Journal, answer: httpx.Response
) -> None:  # fmt: skip
    details = publisher.accounts["telegram"].details.model_copy(update={"look_back": True})
    looking_back = replace(publisher.accounts["telegram"], details=details)
    watchful = replace(publisher, accounts={"telegram": looking_back})
    network.reactions = [cut, lambda _request: answer]
    lost = watchful.publish(claim())
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    later = watchful.look(looking)
    assert (later.state, later.looks, later.blind_looks) == (State.UNKNOWN, 0, 1)
    assert later.look_at == NOON + timedelta(minutes=1)
    assert journal.claim_looks(later.look_at, LEASE) != []
    assert journal.claim(later.look_at, LEASE) == []


def test_a_persons_word_that_comes_during_a_look_stands(
    claim, publisher: Publisher, network, journal: Journal, queue: Queue
) -> None:
    def resolved(point: Point) -> None:
        if point is Point.LOOKED:
            queue.resolve(looking.id, Event.GIVEN_UP, NOON)

    network.reactions = [cut]
    lost = publisher.publish(claim())
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    assert replace(publisher, passing=resolved).look(looking) is None
    assert queue.get(looking.id).state is State.FAILED


def test_a_pause_stops_a_thread_after_the_step_in_hand(
    claim, publisher: Publisher, network, queue: Queue
) -> None:
    def pausing(request: httpx.Request) -> httpx.Response:
        queue.pause(["telegram"], "day of mourning", NOON)
        return network.handle_request(request)

    network.reactions = [pausing]
    put_back = publisher.publish(claim("one", "two"))
    assert (put_back.state, network.texts) == (State.SCHEDULED, ["one"])


def test_a_thread_that_expires_half_way_is_not_finished(
    claim, publisher: Publisher, network, clock: FixedClock
) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        clock.move(HOUR)
        return network.handle_request(request)

    network.reactions = [slow]
    failed = publisher.publish(claim("one", "two", expires_at=NOON + HOUR))
    assert (failed.state, network.texts) == (State.FAILED, ["one"])


def test_what_cannot_be_planned_is_held_and_says_why(claim, publisher: Publisher, network) -> None:
    moved = replace(publisher.accounts["telegram"], platform="mastodon")
    held = replace(publisher, accounts={"telegram": moved}).publish(claim())
    assert "is on mastodon now" in held.held
    assert network.texts == []


def test_absence_is_not_believed_while_the_server_may_still_be_storing(
    claim, publisher: Publisher, network, journal: Journal, clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from karnay.platforms.registry import platform

    def times_out(_request: httpx.Request) -> httpx.Response:
        clock.move(timedelta(minutes=2))
        raise httpx.ReadTimeout("60 s")

    telegram = platform("telegram")
    monkeypatch.setattr(type(telegram), "find", lambda *_: Absent())
    monkeypatch.setattr(type(telegram), "settling", timedelta(minutes=1))
    network.reactions = [times_out]
    lost = publisher.publish(claim())
    [looking] = journal.claim_looks(lost.look_at, LEASE)
    again = publisher.look(looking)
    assert (again.state, again.look_at) == (
        State.UNKNOWN,
        NOON + LATEST_EFFECT + timedelta(minutes=1),
    )


def test_a_worker_that_was_stopped_before_its_request_sends_nothing(
    claim, publisher: Publisher, network, clock: FixedClock
) -> None:
    def stopped(point: Point) -> None:
        clock.move(timedelta(minutes=10) * (point is Point.BEGUN))

    put_off = replace(publisher, passing=stopped).publish(claim())
    assert network.texts == []
    assert put_off.state is State.SCHEDULED


def test_whoever_was_overtaken_meanwhile_leaves_the_delivery_alone(
    claim, publisher: Publisher, network, clock: FixedClock, database: Database
) -> None:
    delivery = claim()

    def stopped(point: Point) -> None:
        if point is Point.BEGUN:
            clock.move(timedelta(minutes=10))
            other = Journal(database, "elsewhere:2")
            [taken] = other.claim_lost(clock.now(), LEASE, all_others=False)
            replace(publisher, journal=other).recover(taken)

    assert replace(publisher, passing=stopped).publish(delivery) is None
    assert network.texts == []


def test_a_pause_that_comes_between_two_parts_keeps_the_second(
    claim, publisher: Publisher, network, queue: Queue
) -> None:
    def paused(point: Point) -> None:
        if point is Point.RECEIVED:
            queue.pause(["telegram"], "alarm", NOON)

    kept = replace(publisher, passing=paused).publish(claim("one", "two"))
    assert (network.texts, kept.state) == (["one"], State.SCHEDULED)


def test_every_line_of_the_log_names_the_delivery_its_account_and_the_attempt(
    claim, publisher: Publisher, network
) -> None:
    network.reactions = [cut]
    delivery = claim()
    with capture_logs(processors=[merge_contextvars]) as lines:
        publisher.publish(delivery)
    [line] = lines
    assert (line["delivery"], line["account"], line["attempt"]) == (delivery.id, "telegram", 1)
    assert get_contextvars() == {}


def test_lateness_is_told_once_a_delivery_and_every_attempt_with_its_outcome(
    claim, publisher: Publisher, network, clock: FixedClock
) -> None:
    network.reactions = [no(429, "Too Many Requests: retry after 5")]
    vitals, delivery = Vitals(), claim("one", "two")
    clock.move(timedelta(seconds=3))
    watched = replace(publisher, vitals=vitals)
    watched.publish(delivery)
    [again] = publisher.journal.claim(NOON + HOUR, LEASE)
    watched.publish(again)

    def told(name: str, **labels: str) -> float | None:
        return vitals.registry.get_sample_value(name, {"platform": "telegram", **labels})

    assert told("karnay_lateness_seconds_count") == 1
    assert told("karnay_lateness_seconds_sum") == 3
    assert told("karnay_attempts_total", outcome="RateLimited") == 1
    assert told("karnay_attempts_total", outcome="ok") == 2
    assert told("karnay_settled_total", state="scheduled") == 1
    assert told("karnay_settled_total", state="published") == 1
