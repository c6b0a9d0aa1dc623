"""The public page of a channel: what is seen there, what is not, and what nobody can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import ValidationError

from karnay.accounts import Account
from karnay.errors import OutcomeUnknown, PublishingError, RateLimited, Transient
from karnay.platforms.base import Absent, CannotTell, Receipt
from karnay.platforms.telegram import PLATFORM, SAMPLE, Details
from karnay.platforms.telegram_page import PAGES
from karnay.platforms.wire import Wire
from karnay.sandbox.accounts import tables
from karnay.sandbox.server import Sandbox
from karnay.sandbox.telegram.api import TOKEN
from karnay.testing.clock import START, FixedClock
from karnay.testing.lab import COMMON, Lab, everything
from karnay.testing.texts import NASTY
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.testing.network import Sent

NOW = START + timedelta(seconds=1)
YESTERDAY = START - timedelta(days=1)

# The real page's, as captured: the name in the head, and the bubble's own bits, are left out.
PICTURE = "background-image:url('//telegram.org/img/emoji/40/F09F918D.png')"
EMOJI = f'<i class="emoji" style="{PICTURE}"><b>{{}}</b></i>'
TEXT = '<div class="tgme_widget_message_text js-message_text" dir="auto">{}</div>'
LINK = '<a href="{0}" target="_blank" rel="noopener" onclick="return confirm(&#39;?&#39;);">{0}</a>'


def message(
    number: int,
    text: str = "Open day",
    at: datetime = NOW,
    *,
    kind: str = "",
    inside: str = "",
    meta: str = "",
    channel: str = "tict_uz",
) -> str:
    return f"""
<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap {kind} js-widget_message"
 data-post="{channel}/{number}" data-view="eyJjIjotMTU"><div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name"
 href="https://t.me/{channel}"><span dir="auto">TICT {EMOJI.format("👍")}</span></a></div>
{inside}{TEXT.format(text) if text else ""}
<div class="tgme_widget_message_footer compact js-message_footer">
<span class="tgme_widget_message_views">1.2K</span>
<span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date"
 href="https://t.me/{channel}/{number}"><time datetime="{at.isoformat()}" class="time">04:00</time>
</a></span></div></div></div></div>"""


def page(*messages: str) -> str:
    history = '<section class="tgme_channel_history js-message_history">{}</section>'
    return f"<!DOCTYPE html><html><body>{history.format(''.join(messages))}</body></html>"


OLD = message(3, "Older", YESTERDAY)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


def shows(lab: Lab, *pages: str) -> None:
    """One page after the other, the last for ever."""
    left = list(pages)

    def react(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html=left.pop(0) if len(left) > 1 else left[0])

    lab.network.reaction = react


def answers(lab: Lab, answer: httpx.Response) -> None:
    lab.network.reaction = lambda _request: httpx.Response(
        answer.status_code, headers=answer.headers, content=answer.content
    )


def look(lab: Lab, *texts: str) -> object:
    *before, last = lab.plan(lab.variant(*(RichText(text) for text in texts or ("Open day",))))
    filled = last.filled({step.name: Receipt("5") for step in before})
    return PLATFORM.find(filled, lab.account, lab.wire, START)


def asked(lab: Lab) -> list[str]:
    def without_query(sent: Sent) -> str:
        return sent.url.removeprefix("https://t.me/s/tict_uz")

    return [without_query(sent) for sent in lab.sent()]


def asks_at_once(sighting: object) -> bool:
    """Whether what cannot be told is for a person, and no later look tells more."""
    assert isinstance(sighting, CannotTell)
    return sighting.for_good


SEEN = Receipt("4", "https://t.me/tict_uz/4")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Open day", "Open day"),
        ("Open day", "<b>Open</b> <i>day</i>"),
        ("one\n\ntwo", "one<br/><br/>two"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("It's «so»", "It&#39;s «so»"),
        ("Welcome 👍!", f"Welcome {EMOJI.format('👍')}!"),
        ("‼️ now", f"<tg-emoji emoji-id='5'>{EMOJI.format('‼')}</tg-emoji> now"),
        ("https://example.org/a?b=c&d", LINK.format("https://example.org/a?b=c&amp;d")),
        ("See our site", 'See <a href="https://example.org">our site</a>'),
        ("#TICT news", '<a href="?q=%23TICT">#TICT</a> news'),
        ("secret", "<tg-spoiler>secret</tg-spoiler>"),
        ("x = 1", "<pre><code class='language-python'>x = 1</code></pre>"),
        ("said", "<blockquote>said</blockquote>"),
        ("twice wrapped", TEXT.format("twice wrapped")),
    ],
)
def test_a_post_is_known_by_its_words_however_they_are_shown(
    lab: Lab, text: str, shown: str
) -> None:
    shows(lab, page(OLD, message(4, shown)))
    assert look(lab, text) == SEEN


def test_a_post_that_is_not_shown_is_absent(lab: Lab) -> None:
    shows(lab, page(OLD, message(4, "Something else")))
    assert look(lab) == Absent()


def test_the_same_words_of_yesterday_are_another_post(lab: Lab) -> None:
    shows(lab, page(message(4, at=YESTERDAY)))
    assert look(lab) == Absent()


def test_of_two_alike_the_first_since_the_attempt_is_ours(lab: Lab) -> None:
    before, later = START - timedelta(minutes=1), START + timedelta(minutes=9)
    shows(lab, page(OLD, message(4), message(5, at=before), message(6, at=later)))
    assert look(lab) == SEEN


def test_a_part_is_known_by_what_it_replies_to(lab: Lab) -> None:
    quoted = '<div class="tgme_widget_message_text js-message_reply_text">{}</div>'
    reply = '<a class="tgme_widget_message_reply" href="https://t.me/tict_uz/{}">{}</a>'
    other, ours = (reply.format(number, quoted.format("two")) for number in (2, 5))
    shows(lab, page(OLD, message(7, "two", inside=other), message(4, "two", inside=ours)))
    assert look(lab, "one", "two") == SEEN


@pytest.mark.parametrize(
    ("number", "sighting"), [(6, Receipt("6", "https://t.me/tict_uz/6")), (4, Absent())]
)
def test_a_part_whose_parent_was_deleted_answers_nothing(
    lab: Lab, number: int, sighting: object
) -> None:
    shows(lab, page(OLD, message(number, "two")))
    assert look(lab, "one", "two") == sighting


def test_the_words_of_a_quoted_message_are_not_its_own(lab: Lab) -> None:
    quoted = '<div class="tgme_widget_message_text js-message_reply_text">Open day</div>'
    reply = f'<a class="tgme_widget_message_reply" href="https://t.me/tict_uz/2">{quoted}</a>'
    shows(lab, page(OLD, message(4, "Thanks", inside=reply)))
    assert look(lab) == Absent()


@pytest.mark.parametrize(
    "passed_over",
    [
        message(4, kind="service_message"),
        message(4, inside='<div class="tgme_widget_message_forwarded_from">Forwarded</div>'),
        message(4, "", inside='<a class="tgme_widget_message_photo_wrap"></a>'),
        message(4, "", inside='<div class="tgme_widget_message_grouped_wrap"></div>'),
    ],
    ids=["service", "forwarded", "photo", "album"],
)
def test_what_cannot_be_ours_is_passed_over(lab: Lab, passed_over: str) -> None:
    shows(lab, page(OLD, passed_over))
    assert look(lab) == Absent()


@pytest.mark.parametrize(
    "doubtful",
    [message(4, "Open day!", meta="edited &nbsp;"), message(4, "", inside="<new-kind></new-kind>")],
    ids=["edited", "unreadable"],
)
def test_what_may_have_been_ours_is_for_a_person(lab: Lab, doubtful: str) -> None:
    shows(lab, page(OLD, doubtful))
    sighting = look(lab)
    assert asks_at_once(sighting)
    assert "https://t.me/tict_uz/4" in str(sighting)


def test_earlier_pages_are_read_until_they_are_older_than_the_attempt(lab: Lab) -> None:
    shows(lab, page(message(60, "a"), message(61, "b")), page(OLD, message(4)))
    assert look(lab) == SEEN
    assert asked(lab) == ["", "?before=60"]


def test_the_first_message_of_all_ends_the_reading(lab: Lab) -> None:
    shows(lab, page(message(1, "Channel created", kind="service_message"), message(2, "a")))
    assert look(lab) == Absent()


def test_a_channel_that_posts_without_end_cannot_be_told(lab: Lab) -> None:
    shows(lab, page(message(60, "a")))
    assert asks_at_once(look(lab))
    assert len(asked(lab)) == PAGES


def test_what_was_seen_counts_although_reading_on_failed(lab: Lab) -> None:
    shows(lab, page(message(4)), "<html>Log in to this network</html>")
    assert look(lab) == SEEN


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<html><h1>Welcome to our Wi-Fi</h1></html>",
        '<div class="tgme_page"><a class="tgme_action_button_new">View in Telegram</a></div>',
        page(),
        page(message(4, channel="another")),
        page(OLD.replace("<time", "<span")),
        page(OLD.replace("tict_uz/3", "tict_uz/three")),
    ],
    ids=["nothing", "portal", "no preview", "empty", "another's", "timeless", "numberless"],
)
def test_a_page_that_is_not_understood_proves_nothing(lab: Lab, html: str) -> None:
    shows(lab, html)
    assert not asks_at_once(look(lab))


@pytest.mark.parametrize("status", [204, 301, 302, 401, 403, 404, 410, 451])
def test_a_channel_without_a_page_cannot_be_told_and_pauses_nobody(lab: Lab, status: int) -> None:
    answers(lab, httpx.Response(status, headers={"Location": "https://t.me/tict_uz"}))
    assert not asks_at_once(look(lab))


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, Transient), (503, Transient), (408, Transient)]
)
def test_a_page_that_fails_for_now_is_asked_for_again(
    lab: Lab, status: int, error: type[PublishingError]
) -> None:
    answers(lab, httpx.Response(status))
    with pytest.raises(error):
        look(lab)


@pytest.mark.parametrize("details", [{"look_back": False}, {"chat": -1001234567890}])
def test_where_nothing_can_look_nothing_is_asked(lab: Lab, details: dict[str, Any]) -> None:
    table = {"chat": "@tict_uz", "token": "env:TELEGRAM_TOKEN", **details}
    lab.account = Account("sample", "telegram", "en", Details.model_validate(table))
    assert asks_at_once(look(lab))
    assert lab.sent() == []


def test_the_page_may_be_elsewhere(lab: Lab) -> None:
    table = {"chat": "@tict_uz", "token": "env:TELEGRAM_TOKEN", "site": "https://t.example"}
    lab.account = Account("sample", "telegram", "en", Details.model_validate(table))
    shows(lab, page(OLD, message(4)))
    assert look(lab) == Receipt("4", "https://t.example/tict_uz/4")


def test_another_sites_address_must_be_one(lab: Lab) -> None:
    with pytest.raises(ValidationError, match="https://"):
        Details.model_validate({"chat": "@tict_uz", "token": "env:T", "site": "t.me"})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def sandboxed(
    lab: Lab, sandbox: Sandbox, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    monkeypatch.setenv("SANDBOX_TOKEN", TOKEN)
    table = {**tables(sandbox.url)["telegram"], "token": "env:SANDBOX_TOKEN"}
    own = {name: value for name, value in table.items() if name not in COMMON}
    lab.account = Account("telegram", "telegram", "en", Details.model_validate(own))
    lab.wire = Wire(clock)
    yield lab
    lab.wire.close()


def lost(lab: Lab, sandbox: Sandbox, text: RichText) -> object:
    """What is found of a post whose answer was lost."""
    (step,) = lab.plan(lab.variant(text))
    sandbox.fault("telegram", "drop")
    with pytest.raises(OutcomeUnknown):
        PLATFORM.perform(step, lab.account, lab.wire)
    return PLATFORM.find(step, lab.account, lab.wire, START)


@pytest.mark.parametrize("nasty", NASTY)
def test_a_lost_post_is_found_on_the_sandboxs_page(
    sandboxed: Lab, sandbox: Sandbox, nasty: str
) -> None:
    found = lost(sandboxed, sandbox, RichText(NASTY[nasty]))
    (post,) = sandbox.published("telegram")
    assert found == Receipt(post.id, post.link)


def test_a_lost_post_with_all_formatting_is_found(sandboxed: Lab, sandbox: Sandbox) -> None:
    assert isinstance(lost(sandboxed, sandbox, everything()), Receipt)


def test_a_lost_post_is_found_among_fifty_others(
    sandboxed: Lab, sandbox: Sandbox, clock: FixedClock
) -> None:
    first = lost(sandboxed, sandbox, RichText("The first"))
    (step, *others) = sandboxed.plan(
        sandboxed.variant(RichText("The first"), *(RichText(f"Post {n}") for n in range(50)))
    )
    receipts = {step.name: first}
    for other in others:
        clock.sleep(1)
        filled = other.filled(receipts)  # type: ignore[arg-type]
        receipts[other.name] = PLATFORM.perform(filled, sandboxed.account, sandboxed.wire)
    assert PLATFORM.find(step, sandboxed.account, sandboxed.wire, START) == first


def test_a_post_that_never_arrived_is_absent_on_an_empty_channel(sandboxed: Lab) -> None:
    assert look(sandboxed) == Absent()
