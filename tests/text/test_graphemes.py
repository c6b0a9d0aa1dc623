"""Grapheme clusters are those of Unicode."""

from __future__ import annotations

import pytest

from karnay.text import graphemes
from text.cases import Case, cases


def text_of(case: Case) -> str:
    return "".join(chr(int(code, 16)) for code in case["breaks"].split() if code not in "÷×")


def starts_of(case: Case) -> list[int]:
    signs = [sign for sign in case["breaks"].split() if sign in "÷×"]
    return [place for place, sign in enumerate(signs) if sign == "÷"]


@pytest.mark.parametrize("case", cases("unicode_GraphemeBreakTest"))
def test_clusters_begin_where_unicode_says(case: Case) -> None:
    assert graphemes.starts(text_of(case)) == starts_of(case)


@pytest.mark.parametrize("case", cases("unicode_GraphemeBreakTest"))
def test_as_many_are_counted_as_begin(case: Case) -> None:
    assert graphemes.count(text_of(case)) == len(starts_of(case)) - 1


@pytest.mark.parametrize("text", ["🇺🇿" * 3, "🇺🇿🇺", "a🇺🇿🇷🇺b🇬🇧", "🇺\u0301🇿🇷", "🇺🇿\u0301🇷🇺"])
def test_flags_are_counted_as_they_begin(text: str) -> None:
    assert graphemes.count(text) == len(graphemes.starts(text)) - 1


def test_thousands_of_flags_take_no_more_time_each() -> None:
    assert graphemes.count("🇺🇿" * 50_000) == 50_000
