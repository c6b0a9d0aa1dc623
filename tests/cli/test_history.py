"""`karnay history` as a person reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest

from builders import NOON, a_delivery
from karnay.cli.story import NARROW, story
from karnay.delivery.delivery import Attempt
from karnay.delivery.states import State
from karnay.platforms.base import Receipt
from karnay.store.audit import DAEMON, Entry
from karnay.store.queue import History

HERE = ZoneInfo("Asia/Tashkent")
LINK = "https://mastodon.example/@tict_demo/" + "1" * 90


def seconds(after: float) -> Any:
    return NOON + timedelta(seconds=after)


def an_entry(after: float, action: str, detail: str = "", who: str = DAEMON) -> Entry:
    return Entry(seconds(after), who, action, 1, "telegram", detail)


def an_attempt(after: float, outcome: str = "ok", detail: str = LINK, **changes: Any) -> Attempt:
    ended = {"ended_at": seconds(after + 0.25), **changes}
    return Attempt(1, "create-1", seconds(after), outcome=outcome, detail=detail, **ended)


def lines_of(
    *happened: Entry | Attempt, state: State = State.PUBLISHED, **changes: Any
) -> list[str]:
    trail = tuple(one for one in happened if isinstance(one, Entry))
    attempts = tuple(one for one in happened if isinstance(one, Attempt))
    receipts = {"create-1": Receipt("1", LINK)} if state is State.PUBLISHED else {}
    delivery = a_delivery(state, **changes)
    return list(story(History(delivery, attempts, receipts, trail), HERE))


def test_it_is_told_in_the_order_in_which_it_happened() -> None:
    queued = an_entry(-60, "queued", "for 2026-11-24T12:00:00+00:00, text 1a2b", who="nilufar")
    lines = lines_of(an_entry(0.3, "finished"), an_attempt(0.01), queued)
    assert lines == [
        "delivery 1: open-day to telegram, published",
        f"  {LINK}",
        "  planned for 2026-11-24 17:00 Asia/Tashkent, first request 10 ms later",
        "\nTue 24 Nov 2026, Asia/Tashkent",
        "16:59:00  nilufar  queued",
        "          for 2026-11-24 17:00, text 1a2b",
        "\x1b[32m17:00:00  karnay   create-1: ok (try 1, 250 ms)\x1b[0m",
        f"          {LINK}",
        "\x1b[32m17:00:00  karnay   finished: all of it is published\x1b[0m",
    ]


def test_each_day_has_its_heading() -> None:
    lines = lines_of(an_entry(-90_000, "queued"), an_attempt(0))
    assert [line for line in lines if line.startswith("\n")] == [
        "\nMon 23 Nov 2026, Asia/Tashkent",
        "\nTue 24 Nov 2026, Asia/Tashkent",
    ]


def test_a_failure_is_told_once_and_in_words() -> None:
    lost = an_attempt(0, "NoAnswer", "the connection broke")
    lines = lines_of(lost, an_entry(0.3, "lost", "the connection broke"), state=State.UNKNOWN)
    assert any("create-1: NoAnswer (try 1, 250 ms): no answer came" in line for line in lines)
    assert sum("the connection broke" in line for line in lines) == 1


def test_it_fits_eighty_columns_but_for_links() -> None:
    said = f"POST {LINK}: RemoteProtocolError: Server disconnected without sending a response."
    unclear = an_attempt(0, "OutcomeUnknown", said)
    lines = lines_of(unclear, an_entry(1, "lost", said), state=State.UNKNOWN)
    too_long = [line for line in map(click.unstyle, lines) if len(line) > NARROW]
    assert [line.strip() for line in too_long] == [f"{LINK}:"]


def test_what_was_looked_for_and_seen_says_so() -> None:
    lines = lines_of(an_entry(1, "lost"), an_entry(3, "finished"))
    assert any("karnay looked on the network, and it is there" in line for line in lines)


def test_an_attempt_without_an_end_says_so() -> None:
    left = an_attempt(0, "", "", ended_at=None)
    assert any("its end was never written down" in line for line in lines_of(left))
    under_way = lines_of(left, state=State.PUBLISHING)
    assert any("create-1: under way (try 1)" in line for line in under_way)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": State.SCHEDULED, "due_at": seconds(60)}, "next try: 2026-11-24 17:01"),
        ({"state": State.SCHEDULED, "held": "late: it was due"}, "held: late: it was due"),
        ({"state": State.UNKNOWN, "look_at": seconds(60)}, "looks for it again: 2026-11-24 17:01"),
        ({"state": State.UNKNOWN}, "`karnay resolve 1 ...`"),
        ({"state": State.FAILED}, "`karnay queue retry 1`"),
    ],
)
def test_it_ends_with_what_comes_next(changes: dict[str, Any], says: str) -> None:
    assert says in "\n".join(lines_of(**changes)[-2:])


def test_a_network_cannot_steer_the_terminal() -> None:
    lines = lines_of(an_attempt(0, "Rejected", "no\x1b[2J\nway\u202e"))
    assert any(
        line.endswith("  no\N{REPLACEMENT CHARACTER}[2J way\N{REPLACEMENT CHARACTER}")
        for line in lines
    )


def test_on_paper_nothing_is_coloured_and_no_link_is_broken(
    on_sandbox, karnay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    karnay("publish", "open-day", "--yes", "-a", "bluesky")
    shown = karnay("history", "1").stdout
    [link] = karnay("queue", "list", "--all").stdout.split()[-1:]
    assert f"  {link}\n" in shown
    assert "\x1b" not in shown


def test_the_json_has_all_of_it(on_sandbox, karnay, told: Any) -> None:
    karnay("publish", "open-day", "--yes", "-a", "x")
    document = told("history", "1")
    assert document["attempts"][0]["outcome"] == "ok"
    assert document["receipts"][0]["link"] == document["links"][0]
    assert (document["looks"], document["look_at"]) == (0, None)
