"""Templates write Markdown, cannot escape from the sandbox, and cannot go on for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karnay.text.markdown import lower
from rendering.builders import complaint, word

NASTY = [
    "1. first, 2) second",
    "# not a heading",
    "- not a list",
    "*stars* _lines_ `ticks` ~~waves~~",
    "[no](https://link.example) ![no](image)",
    "<b>no & html</b> &amp; &#42;",
    "a\\*b \\ c",
    "snake_case_and __dunder__",
    "--- not a break",
    "> not a quote",
    "a\u0301 e\u0301 ʻoʻzbekʼ",
    "מזל טוב \u200f(עברית)\u200e",
    "نوروز مبارک خانواده‌های",
    "👨‍👩‍👧‍👦👩🏽‍🔬🏳️‍🌈",
    "line\u2028separator",
    "{{ title }} {% raw %}",
    "https://example.uz/" + "very_long*" * 300,
]

PUBLISHABLE = st.characters(exclude_categories=["Cs", "Cc", "Cn"])


@pytest.mark.parametrize("title", NASTY)
def test_plain_text_arrives_as_it_was_written(title: str) -> None:
    assert lower(word("{{ title }}", title=title))[0].text == title


@given(st.text(PUBLISHABLE, min_size=1).map(str.strip).filter(bool))
def test_any_plain_text_arrives_as_it_was_written(title: str) -> None:
    assert lower(word("{{ title }}", title=title))[0].text == title


@given(st.text(PUBLISHABLE, min_size=1).map(str.strip).filter(bool))
def test_plain_text_in_a_bold_line_arrives_as_it_was_written(title: str) -> None:
    assert lower(word("x **a {{ title }} z**", title=title))[0].text == f"x a {title} z"


@pytest.mark.parametrize(
    "source",
    [
        "{% macro m() %}{{ title }}{% endmacro %}{{ m() }}",
        "{% set kept %}{{ title }}{% endset %}{{ kept }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ title }}{% endcall %}",
        "{% block a %}{{ title }}{% endblock %}",
        "{{ '' ~ title }}",
        "{{ '' + title }}",
        "{{ [title] | join }}",
        "{{ [title] | join_list }}",
        "{{ title | trim | flex | trim }}",
    ],
)
def test_text_is_escaped_once_on_whatever_way_it_comes(source: str) -> None:
    assert lower(word(source, title="*a* [b](c)"))[0].text == "*a* [b](c)"


def test_the_body_is_markdown_already() -> None:
    assert word("{{ body }}", body="**bold**") == "**bold**"


def test_text_joined_to_markdown_is_escaped_for_it() -> None:
    assert word("{{ title ~ body }}", title="*", body="**bold**") == "\\***bold**"


def test_text_added_to_markdown_is_escaped_for_it() -> None:
    assert word("{{ body + title }}", title="*", body="**bold**") == "**bold**\\*"


def test_markdown_from_data_can_be_marked_as_such() -> None:
    assert word("{{ data.x | markdown }}", data={"x": "**bold**"}) == "**bold**"


def test_large_letters_spare_the_addresses_in_markdown() -> None:
    written = word("{{ body | upper }}", body="see [here](https://a.example/b) now")
    assert written == "SEE [HERE](https://a.example/b) NOW"


def test_a_key_of_data_is_found_even_if_python_has_a_method_of_that_name() -> None:
    assert word("{{ data.items }}", data={"items": "three"}) == "three"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{% for i in range(100000) %}{% for j in range(9) %}{% endfor %}{% endfor %}", "steps"),
        ("{% for i in range(60000) %}{% endfor %}" * 2, "steps"),
        (
            (
                "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}"
                "{{ m(40) }}"
            ),
            "steps",
        ),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "calls itself without end"),
        ("{% for i in range(10**9) %}{% endfor %}", "Range too big"),
        ("{% for i in range(99999) %}{{ range(99999) | max }}{% endfor %}", "characters"),
        ("{% for i in [1] recursive %}{{ loop([1, 1]) }}{% endfor %}", "recursive loops"),
        ("{{ 'a' * 10**9 }}", "100,000 characters"),
        ("{{ 10**9 * 'a' }}", "100,000 characters"),
        ("{{ ['a'] * 10**9 }}", "100,000 characters"),
        ("{{ 9**99999 }}", "enormous number"),
        ("{{ '%1000000000d' % 1 }}", "use `~`"),
        ("{% for i in range(200) %}{{ 'a' * 999 }}{% endfor %}", "100,000 characters"),
        (
            (
                "{% set n = namespace(t='ab') %}"
                "{% for i in range(40) %}{% set n.t = n.t ~ n.t %}{% endfor %}"
            ),
            "100,000 characters",
        ),
        (
            (
                "{% set n = namespace(t='ab') %}"
                "{% for i in range(40) %}{% set n.t = n.t + n.t %}{% endfor %}"
            ),
            "100,000 characters",
        ),
        (
            (
                "{% set n = namespace(t=[1]) %}"
                "{% for i in range(40) %}{% set n.t = n.t + n.t %}{% endfor %}"
            ),
            "100,000 characters",
        ),
        (
            (
                "{% set n = namespace(t=[1]) %}"
                "{% for i in range(40) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}"
            ),
            "a list cannot be printed",
        ),
        ("{{ (['a'*9999] * 99) | join('a'*9999) }}", "100,000 characters"),
        (
            "{% set l = range(9999) | list %}{% for i in l %}{{ 1 if 'x' in l }}{% endfor %}",
            "characters",
        ),
        ("{% set l = range(99999) | list %}{{ l | select('in', l) | list }}", "characters"),
        (
            "{% set l = range(9999) | list %}{% for i in l %}{% set k = l[1:] %}{% endfor %}",
            "characters",
        ),
        (
            (
                "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(40) %}"
                "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}"
                "{{ 1 if n.a == n.b }}"
            ),
            "characters",
        ),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "nested too deeply"),
        ("{% autoescape true %}{{ title }}{% endautoescape %}", "is for HTML"),
        ("{{ title.ljust(10**9) }}", "cannot use `ljust`"),
        ("{{ title.zfill(10**9) }}", "cannot use `zfill`"),
        ("{{ title.replace('', 'a'*9999) }}", "cannot use `replace`"),
        ("{{ title.join(['a']) }}", "cannot use `join`"),
        ("{{ title.format(1) }}", "cannot use `format`"),
        ("{{ (1).to_bytes(10**9, 'big') }}", "cannot use `to_bytes`"),
        ("{{ title.__class__.__mro__ }}", "cannot use `__class__`"),
        ("{{ self.__init__.__globals__ }}", "cannot use `__init__`"),
        ("{{ account.name.__doc__ }}", "cannot use `__doc__`"),
        ("{{ data.topics.append('x') }}", "cannot use `append`"),
        ("{{ title | center(10**9) }}", "there is no filter `center`"),
        ("{{ lipsum(10**9) }}", "templates know no `lipsum`"),
        ("{{ body[:2] }}", "Markdown cannot be cut"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_what_is_dangerous_is_refused(source: str, message: str) -> None:
    assert message in complaint(source, title="t", body="body", data={"topics": ["a"]})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "an empty value cannot be printed"),
        (True, "yes or no cannot be printed"),
        (["a"], "use `join_list`"),
        ({"a": 1}, "cannot be printed"),
    ],
)
def test_what_has_no_printed_form_is_not_printed(value: object, message: str) -> None:
    assert message in complaint("{{ data.x }}", data={"x": value})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ data.topic }}", '`data.topic` is not set in index.md. Did you mean "topics"?'),
        ("{% if data.topic %}{% endif %}", "`data.topic` is not set in index.md."),
        ("{% for t in data.topic %}{% endfor %}", "`data.topic` is not set in index.md."),
        ("{{ data.topic | hashtags }}", "`data.topic` is not set in index.md."),
        (
            "{{ data.place.halll }}",
            '`data.place.halll` is not set in index.md. Did you mean "hall"?',
        ),
        ("{{ titel }}", 'templates know no `titel`. Did you mean "title"?'),
        ("{{ account.nmae }}", "`account.nmae` is not set in karnay.toml."),
        ("{{ title.foo }}", "there is no `foo` in str here."),
        ("{{ data.people[0].nam }}", 'Did you mean "name"?'),
    ],
)
def test_a_missing_name_is_told_with_its_place_and_the_nearest_one(
    source: str, message: str
) -> None:
    data = {"topics": ["a"], "place": {"hall": "A"}, "people": [{"name": "N"}]}
    assert message in complaint(source, data=data)


def test_a_missing_name_can_be_asked_for() -> None:
    assert word("{{ data.x | default('none') }}{% if data.x is defined %}!{% endif %}") == "none"


def test_every_loop_has_its_numbers() -> None:
    source = "{% for i in range(3) %}{{ loop.index }}/{{ loop.length }}, {% endfor %}"
    assert word(source) == "1/3, 2/3, 3/3, "


def test_a_long_post_is_within_bounds() -> None:
    assert len(word("{{ body | flex }}{{ body }}", body="word " * 9_000)) > 80_000
