"""The YAML of a header: values as written, problems with their places."""

from __future__ import annotations

import pytest

from karnay.content.header import Header, parse
from karnay.content.source import Source
from karnay.errors import InvalidPost


def parsed(text: str) -> Header:
    return parse(Source("a.md", text, 2))


def refusal(text: str) -> str:
    with pytest.raises(InvalidPost) as caught:
        parsed(text)
    return str(caught.value)


def notes(text: str) -> list[str]:
    return [str(problem) for problem in parsed(text).problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12:30", "12:30"),
        ("no", "no"),
        ("2024-12-03", "2024-12-03"),
        ("2024-12-04 10:00", "2024-12-04 10:00"),
        ("0123", 123),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("=", "="),
        ("<<", "<<"),
        ("'5'", "5"),
        ("a\u0301 שלום 👩‍👩‍👧‍👦", "a\u0301 שלום 👩‍👩‍👧‍👦"),
        ("[1, {b: c}]", [1, {"b": "c"}]),
    ],
)
def test_values_are_read_by_yaml_1_2_and_times_stay_text(written: str, value: object) -> None:
    assert parsed(f"a: {written}").values == {"a": value}


def test_an_empty_header_has_no_values() -> None:
    assert parsed("# only a comment\n").values == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "a.md:2:1: the header must be lines of `key: value`"),
        ("just words", "a.md:2:1: the header must be lines of `key: value`"),
        ("to: [@all]", 'a.md:2:6: a value cannot begin with @: put it in quotes, "@..."'),
        ("to: *all", 'a.md:2:5: a value cannot begin with *: put it in quotes, "*all"'),
        ("a: b: c", "a.md:2:5: no colon is expected here: a text with `: ` needs quotes"),
        ("a: 1\n\tb: 2", "a.md:3:1: a tab cannot stand here: indent with spaces"),
        ("x: y\na: 'b", "a.md:3:4: the quotation mark that opens here is not closed"),
        (
            'a: "He said "yes" to it"',
            (
                "a.md:2:14: a quote inside quotes: "
                "put the whole in single quotes (and write each ' in it twice)"
            ),
        ),
        ("a: [b", "a.md:2:6: a bracket is not closed"),
        ("a: b\n--- c", "a.md:2:1: the header must be one YAML document, without directives"),
        ("[" * 5000, "a.md:2:1: the header is nested more than 20 levels deep"),
        ("a: &a [*a]", "a.md:2:4: the header is nested more than 20 levels deep"),
        ("a: " + "b" * 64_000, "a.md:2:1: the header is larger than 64 kB"),
    ],
)
def test_what_is_no_header_is_refused_with_a_remedy(text: str, message: str) -> None:
    assert refusal(text) == message


def test_a_yaml_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert refusal("\n".join(lines)).endswith("the header holds more than 10,000 values")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", 'a.md:4:1: a: "a" is written twice, first in line 2: keep one'),
        ("m: {a: 1, a: 2}", 'a.md:2:11: m.a: "a" is written twice, first in line 2: keep one'),
        ("[a]: b", "a.md:2:1: a key must be a plain word"),
        ("<<: {a: b}", "a.md:2:1: a key must be a plain word"),
        ("a: !!binary x", "a.md:2:4: a: the tag !!binary has no meaning here: delete it"),
        ("a: !x y", "a.md:2:4: a: the tag !x has no meaning here: delete it"),
        (
            r'a: ["b", "\ud800"]',
            "a.md:2:10: a[1]: the invisible character U+D800 cannot be published: delete it",
        ),
        (
            r'a: "\0"',
            "a.md:2:4: a: the invisible character U+0000 cannot be published: delete it",
        ),
        ("a: .nan", "a.md:2:4: a: .nan is not a number that can be read"),
    ],
)
def test_a_wrong_value_is_a_problem_of_its_own(text: str, message: str) -> None:
    assert notes(text) == [message]


def test_all_duplicate_keys_are_told_at_once() -> None:
    assert len(notes("a: 1\na: 2\nb: 1\nb: 2\nb: 3")) == 3


def test_line_separators_in_a_value_do_not_shift_the_lines() -> None:
    header = parsed("a: one\u2028two\nb: c")
    assert str(header.places()["b"]) == "a.md:3:4"
