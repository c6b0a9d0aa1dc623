"""The wire: what goes out, and the one error for everything that comes back."""

from __future__ import annotations

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from karnay.errors import (
    AccountError,
    NoAnswer,
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.answers import (
    PAUSE,
    Answer,
    ErrorTable,
    Row,
    epoch_moment,
    named_moment,
    own_words,
)
from karnay.platforms.base import Effect, Exchange
from karnay.platforms.calls import Call, Ref
from karnay.platforms.logs import LIBRARIES
from karnay.platforms.wire import Sessions, Timeout, Wire, revealed, secret
from karnay.secrets import MASK, SecretRef, remember
from karnay.testing.clock import START, FixedClock
from karnay.testing.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.testing.network import Sent

URL = "https://api.example/posts"
TABLE = ErrorTable()
TOKEN = "kzp-4839-quietly-secret"
EFFECTS = list(Effect)


def sent(call: Call, **secrets: str) -> Sent:
    network = Network([Exchange("POST", "", 200, {}), Exchange("GET", "", 200, {})])
    Wire(FixedClock(), transport=network).send(call, effect=Effect.ONCE, secrets=secrets)
    return network.sent[0]


def answer(status: int, body: object = None, **headers: str) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): it for name, it in headers.items()}, content)


def error(reply: Answer, effect: Effect = Effect.ONCE, table: ErrorTable = TABLE) -> Exception:
    return table.error(reply, effect, START)


def test_secrets_are_put_into_address_and_headers() -> None:
    call = Call("POST", "https://api.example/bot{token}/x", {"Authorization": "Bearer {token}"}, {})
    request = sent(call, token="T0")
    assert request.url == "https://api.example/botT0/x"
    assert request.headers["authorization"] == "Bearer T0"


def test_secrets_are_never_put_into_the_body() -> None:
    assert sent(Call("POST", URL, body={"text": "{token}"}), token="T0").json == {"text": "{token}"}


def test_a_body_is_the_bytes_of_its_plan() -> None:
    body = {"b": "қабул", "a": ["é", {"c": "\u2028"}], "n": 1, "t": True, "z": None}
    call = Call("POST", URL, body=body)
    assert sent(call).content == call.content()
    assert sent(call).content == (
        '{"b":"қабул","a":["é",{"c":"\u2028"}],"n":1,"t":true,"z":null}'.encode()
    )


def test_a_body_is_json_unless_it_says_otherwise() -> None:
    assert sent(Call("POST", URL, body={})).headers["content-type"] == "application/json"


def test_a_call_without_a_body_has_none() -> None:
    request = sent(Call("GET", URL))
    assert request.content == b""
    assert "content-type" not in request.headers


def test_karnay_says_its_name() -> None:
    assert sent(Call("GET", URL)).headers["user-agent"].startswith("karnay/")


def test_an_unfilled_reference_is_seen_in_a_preview() -> None:
    body = {"reply_to": Ref("create-1", number=True)}
    assert Call("POST", URL, body=body).content() == b'{"reply_to":"<create-1.id>"}'


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    network = Network([Exchange("GET", "", 302, None, {"Location": "https://elsewhere.example"})])
    reply = Wire(FixedClock(), transport=network).send(Call("GET", URL), effect=Effect.SAFE)
    assert (reply.status, len(network.sent)) == (302, 1)


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://api.example/", "тайна"),
        ("https://api.example/", "two\nlines"),
        ("https://[::1/", "fine"),
        ("ftp://api.example/", "fine"),
        ("api.example", "fine"),
    ],
)
def test_what_http_cannot_carry_is_not_sent(url: str, token: str) -> None:
    wire = Wire(FixedClock())
    call = Call("POST", url, {"Authorization": "Bearer {token}"}, {})
    with pytest.raises(NotSent):
        wire.send(call, effect=Effect.ONCE, secrets={"token": token})
    wire.close()


def test_a_closed_port_means_not_sent() -> None:
    wire = Wire(FixedClock())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        call = Call("POST", f"http://127.0.0.1:{taken.getsockname()[1]}/", body={})
        with pytest.raises(NotSent):
            wire.send(call, effect=Effect.ONCE)
    wire.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, AccountError),
        (402, AccountError),
        (403, AccountError),
        (404, AccountError),
        (405, Rejected),
        (406, Rejected),
        (410, Rejected),
        (411, Rejected),
        (413, Rejected),
        (414, Rejected),
        (415, Rejected),
        (422, Rejected),
        (429, RateLimited),
    ],
)
@pytest.mark.parametrize("effect", EFFECTS)
def test_a_clear_no_means_the_same_for_every_step(
    status: int, kind: type[PublishingError], effect: Effect
) -> None:
    assert type(error(answer(status), effect)) is kind


@pytest.mark.parametrize("status", [300, 302, 304, 408, 409, 418, 425, 499, 500, 502, 503, 504])
@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (Effect.ONCE, OutcomeUnknown),
        (Effect.KEYED, Transient),
        (Effect.SAFE, Transient),
    ],
)
def test_what_is_no_clear_no_depends_on_the_step(
    status: int, effect: Effect, kind: type[PublishingError]
) -> None:
    assert isinstance(error(answer(status), effect), kind)


def test_a_platforms_own_rows_come_first() -> None:
    table = ErrorTable((Row(400, "chat not found", AccountError),))
    assert type(error(answer(400, {"error": "Chat NOT found"}), table=table)) is AccountError
    assert type(error(answer(400, {"error": "too long"}), table=table)) is Rejected


@pytest.mark.parametrize(
    ("effect", "kind"), [(Effect.ONCE, OutcomeUnknown), (Effect.KEYED, Transient)]
)
def test_a_row_that_says_unknown_is_unknown_only_where_it_matters(
    effect: Effect, kind: type[PublishingError]
) -> None:
    table = ErrorTable((Row(403, "duplicate", OutcomeUnknown),))
    assert type(error(answer(403, {"detail": "duplicate content"}), effect, table)) is kind


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("120", START + timedelta(seconds=120)),
        (" 7 ", START + timedelta(seconds=7)),
        ("Tue, 24 Nov 2026 04:02:00 GMT", datetime(2026, 11, 24, 4, 2, tzinfo=UTC)),
        ("Tue, 24 Nov 2026 04:02:00 -0000", datetime(2026, 11, 24, 4, 2, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, moment: datetime | None) -> None:
    assert named_moment(answer(429, retry_after=value), START) == moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1795492800", START),
        ("", None),
        ("soon", None),
        ("99999999999999", datetime(2286, 11, 20, 17, 46, 39, tzinfo=UTC)),
    ],
)
def test_an_epoch_is_read_or_nothing(value: str, moment: datetime | None) -> None:
    assert epoch_moment(answer(429, x_reset=value), "x-reset") == moment


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({}, START + PAUSE),
        ({"retry_after": "600"}, START + timedelta(minutes=10)),
        ({"retry_after": "0"}, START + timedelta(seconds=1)),
        ({"retry_after": "Mon, 23 Nov 2026 04:00:00 GMT"}, START + timedelta(seconds=1)),
    ],
)
def test_a_limit_waits_as_told_and_never_into_the_past(
    headers: dict[str, str], until: datetime
) -> None:
    limited = error(answer(429, **headers))
    assert isinstance(limited, RateLimited)
    assert limited.until == until


def test_something_to_repeat_knows_when_it_was_told_when() -> None:
    later = error(answer(503, retry_after="30"), Effect.KEYED)
    assert isinstance(later, Transient)
    assert later.until == START + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"description": "Bad Request", "error_code": 400}, "Bad Request"),
        ({"title": "Forbidden", "detail": "Not yours"}, "Not yours"),
        ({"error": "InvalidRequest", "message": "grapheme too big"}, "grapheme too big"),
        ({"error": {"code": 1}}, '{"error": {"code": 1}}'),
        (["no"], '["no"]'),
    ],
)
def test_an_error_is_in_the_networks_own_words(body: object, said: str) -> None:
    assert own_words(answer(400, body)) == said


def test_a_page_is_told_on_one_line() -> None:
    page = Answer(502, content=b"<h1>Bad\n\tGateway</h1>")
    assert str(error(page)) == "502 <h1>Bad Gateway</h1>"


@pytest.mark.parametrize("before", range(470, 505, 5))
def test_a_secret_is_masked_before_the_words_are_cut(before: int) -> None:
    remember(SecretStr(TOKEN))
    said = str(error(answer(400, {"error": "x" * before + TOKEN})))
    assert TOKEN[:8] not in said


@pytest.mark.parametrize("before", range(55, 85, 5))
def test_a_secret_is_masked_before_an_odd_answer_is_cut(before: int) -> None:
    remember(SecretStr(TOKEN))
    odd = Answer(200, content=("x" * before + TOKEN).encode())
    with pytest.raises(OutcomeUnknown) as unknown:
        understood(odd)
    assert TOKEN[:8] not in str(unknown.value)


def understood(reply: Answer) -> object:
    wire = Wire(FixedClock(), transport=Network([]))
    return wire.understood(reply, effect=Effect.ONCE, table=TABLE, read=lambda body: body["id"])


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", b"{}", b'"id"', b"\xff", b"[" * 100_000, b"1" * 5000]
)
def test_a_success_that_cannot_be_read_is_unknown(content: bytes) -> None:
    with pytest.raises(OutcomeUnknown, match="not understood"):
        understood(Answer(200, content=content))


@pytest.mark.parametrize(
    ("content", "member"), [(b'{"a":1}', 1), (b'{"b":1}', None), (b"[1]", None), (b"<p>", None)]
)
def test_a_member_is_read_from_whatever_came(content: bytes, member: object) -> None:
    assert Answer(200, content=content).member("a") == member


def test_an_error_names_the_call_without_its_secrets() -> None:
    def react(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"no answer from {request.url}", request=request)

    wire = Wire(FixedClock(), transport=Network([], react))
    token = remember(SecretStr(TOKEN)).get_secret_value()
    call = Call("POST", "https://api.example/{token}/x", body={})
    with pytest.raises(OutcomeUnknown) as unknown:
        wire.send(call, effect=Effect.ONCE, secrets={"token": token})
    assert str(unknown.value) == (
        "POST https://api.example/{token}/x: ReadTimeout: "
        f"no answer from https://api.example/{MASK}/x"
    )


def test_a_secret_that_cannot_be_had_holds_the_account() -> None:
    with pytest.raises(AccountError, match="KARNAY_NO_SUCH_VARIABLE is not set"):
        secret(SecretRef("env:KARNAY_NO_SUCH_VARIABLE"))


def test_only_named_places_are_filled() -> None:
    assert revealed("{a} {b} {}", {"a": "1"}) == "1 {b} {}"


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_log_warnings_only(name: str) -> None:
    assert logging.getLogger(name).level == logging.WARNING


def test_a_log_is_masked_when_somebody_turns_it_up(caplog: pytest.LogCaptureFixture) -> None:
    remember(SecretStr(TOKEN))
    caplog.set_level(logging.DEBUG, logger="httpx")
    logging.getLogger("httpx").info("HTTP Request: %s %s", "POST", f"https://e/{TOKEN}/x")
    assert caplog.messages == [f"HTTP Request: POST https://e/{MASK}/x"]


def test_a_session_is_kept_until_it_is_forgotten() -> None:
    sessions = Sessions()
    sessions.put("bluesky", {"access": "a"})
    kept = sessions.get("bluesky")
    sessions.put("bluesky", None)
    assert (kept, sessions.get("bluesky"), sessions.get("other")) == ({"access": "a"}, None, None)


def test_an_answer_without_end_is_not_waited_for() -> None:
    def endless(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b"x" * 1_000_000 for _ in range(10)))

    wire = Wire(FixedClock(), transport=httpx.MockTransport(endless))
    with pytest.raises(OutcomeUnknown, match="too large"):
        wire.send(Call("POST", "https://network.example/"), effect=Effect.ONCE)
    wire.close()


def test_no_cookie_goes_from_one_call_to_the_next() -> None:
    seen: list[str | None] = []

    def baker(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, json={}, headers={"Set-Cookie": "sid=of-one-account; Path=/"})

    wire = Wire(FixedClock(), transport=httpx.MockTransport(baker))
    for _ in range(2):
        wire.send(Call("GET", "https://network.example/"), effect=Effect.SAFE)
    wire.close()
    assert seen == [None, None]


@pytest.mark.parametrize("named", ["999999999", "Fri, 31 Dec 9999 23:59:59 -1200"])
def test_no_network_silences_an_account_for_longer_than_a_day(named: str) -> None:
    now = FixedClock().now()
    answer = Answer(429, {"retry-after": named})
    error = ErrorTable().error(answer, Effect.ONCE, now)
    assert isinstance(error, RateLimited)
    assert error.until <= now + timedelta(days=1)


def test_a_wire_waits_for_a_silent_network_as_long_as_it_was_told(
    silent_network: socket.socket,
) -> None:
    wire = Wire(FixedClock(), timeout=Timeout(0.05))
    port = silent_network.getsockname()[1]
    with pytest.raises(NoAnswer, match="ReadTimeout"):
        wire.send(Call("POST", f"http://127.0.0.1:{port}/", body={}), effect=Effect.ONCE)
    wire.close()


@pytest.fixture
def silent_network() -> Iterator[socket.socket]:
    """Takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening
