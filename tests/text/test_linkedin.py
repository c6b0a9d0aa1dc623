"""LinkedIn: little text, written and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.text.linkedin import RESERVED, detect, escape, escaped, measure, parsed
from karnay.text.richtext import Kind, RichText, Span

CASES = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "linkedin.jsonl"


def cases(op: str) -> list[Any]:
    if not CASES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{CASES} is missing"))]
    found = map(json.loads, CASES.read_text(encoding="utf-8").splitlines())
    return [pytest.param(case, id=case["id"]) for case in found if case["op"] == op]


def elements(rich: RichText) -> list[dict[str, str]]:
    """The text as the conformance cases show it."""
    found, place = [], 0
    for span in rich.spans:
        words = rich.text[span.start : span.end]
        entity = {
            Kind.MENTION: {"mention": words, "urn": span.value},
            Kind.HASHTAG: {"hashtag": span.value},
        }
        found += [{"text": rich.text[place : span.start]}, entity[span.kind]]
        place = span.end
    found.append({"text": rich.text[place:]})
    return [element for element in found if element.get("text") != ""]


def typed(text: str) -> RichText:
    return RichText(text, detect(text))


def sent(text: str) -> str:
    return escaped(typed(text))


@pytest.mark.parametrize("case", cases("parse"))
def test_little_text_is_read_as_documented(case) -> None:
    assert elements(parsed(case["text"])) == case["expected"]


@pytest.mark.parametrize("case", cases("escape_text"))
def test_reserved_characters_are_escaped(case) -> None:
    assert escape(case["text"]) == case["expected"]
    assert sent(case["text"]) == case["expected"]


@pytest.mark.parametrize("char", RESERVED)
def test_each_of_the_fifteen_is_reserved(char: str) -> None:
    assert len(set(RESERVED)) == 15
    assert sent(f"a{char}b") == f"a\\{char}b"


@pytest.mark.parametrize(
    "text",
    [
        "@[Acme Corp](urn:li:organization:1234)",
        "@Acme Corp (urn:li:organization:1234)",
    ],
)
def test_a_mention_is_composed_after_escaping(text: str) -> None:
    assert sent(f"(With {text})") == r"\(With @[Acme Corp](urn:li:organization:1234)\)"


def test_a_name_is_escaped_within_its_mention() -> None:
    assert sent("@[A*B_C](urn:li:person:x)") == r"@[A\*B\_C](urn:li:person:x)"


def test_a_mention_without_a_urn_is_plain_text() -> None:
    assert escaped(RichText("@bob", (Span(0, 4, Kind.MENTION, "bob"),))) == r"\@bob"


@pytest.mark.parametrize("text", ["#Toshkent", "see #наука", "(#уз2024)"])
def test_a_valid_hashtag_keeps_its_sign(text: str) -> None:
    assert r"\#" not in sent(text)


@pytest.mark.parametrize("text", ["a#b", "#1", "# no", "##x", "C#"])
def test_what_is_no_hashtag_is_escaped(text: str) -> None:
    assert sent(text).count(r"\#") == text.count("#")


def test_a_hashtag_with_an_underscore_is_a_template() -> None:
    assert sent("#open_day") == r"{hashtag|\#|open\_day}"


def test_backslashes_count() -> None:
    assert measure(typed("up (EPRI)")) == 11


@pytest.mark.parametrize(("text", "units"), [("😀", 2), ("a\u0301", 2), ("\ud800", 1), ("я", 1)])
def test_the_unit_is_utf16(text: str, units: int) -> None:
    assert measure(typed(text)) == units


def test_an_address_is_escaped_and_never_cut() -> None:
    text = "https://a.uz/b_c"
    assert [span.kind for span in detect(text)] == [Kind.LINK]
    assert sent(text) == r"https://a.uz/b\_c"


def test_unescaped_text_ends_where_linkedin_ends_it() -> None:
    assert parsed("up 4% (EPRI)").text == "up 4% "


@given(st.text())
def test_what_is_escaped_reads_as_itself(text: str) -> None:
    assert parsed(escape(text)).text == text


@given(st.text(alphabet="a#_@[]() \\|{}urn:li1😀\u0301я＃"))
def test_nothing_typed_is_lost(text: str) -> None:
    plain = typed(text).without({Kind.MENTION})
    assert parsed(escaped(plain)).text.replace("＃", "#") == text.replace("＃", "#")


@given(st.text(alphabet="a#_@[]() \\|{}.uz😀\u0301я\n"))
def test_the_weights_add_up(text: str) -> None:
    rich = typed(text)
    assert sum(measure.weights(rich)) == measure(rich)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "text", ["@[a" * 30_000, "#" * 100_000, "{hashtag|" * 10_000, "@a" * 50_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    assert measure(typed(text)) >= len(text)
    parsed(text)
