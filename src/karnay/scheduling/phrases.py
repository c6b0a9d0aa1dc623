"""The words of human dates in English, Russian and Uzbek (both scripts), as tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from karnay.scheduling.weekdays import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼ‘’`´", "'"))
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

_PLAIN: Mapping[str, str] = {
    # Uzbek Cyrillic, for a parser that knows Uzbek in Latin letters only
    "эртага": "ertaga",
    "бугун": "bugun",
    "индинга": "in 2 days",
    "индин": "in 2 days",
    "ҳозир": "now",
    "соат": "soat",
    "соатдан": "soatdan",
    "дақиқадан": "daqiqadan",
    "кундан": "kundan",
    "ҳафтадан": "haftadan",
    "кейин": "keyin",
    "сўнг": "keyin",
    "куни": "kuni",
    "йил": "yil",
    "да": "da",
    "январ": "yanvar",
    "феврал": "fevral",
    "март": "mart",
    "апрел": "aprel",
    "май": "may",
    "июн": "iyun",
    "июл": "iyul",
    "август": "avgust",
    "сентабр": "sentabr",
    "сентябр": "sentabr",
    "октабр": "oktabr",
    "октябр": "oktabr",
    "ноябр": "noyabr",
    "декабр": "dekabr",
    # what the parser does not know of Uzbek, Russian and English
    "indinga": "in 2 days",
    "indin": "in 2 days",
    "hozir": "now",
    "сейчас": "now",
    "so'ng": "keyin",
    "bir": "1",
    "yarim": "half",
    "ярим": "half",
}
_SUFFIXES = re.compile(r"(?<=\w)(?:da|да)$")  # "at": 5-yanvarda, 9:00da
_HALF_HOUR = re.compile(r"\bhalf soatdan\b|\bhalf an hour\b")

NOW = "now"

VAGUE: Mapping[str, str] = {
    **dict.fromkeys(
        ("soon", "later", "скоро", "позже", "tez", "orada", "keyinroq", "тез", "кейинроқ"),
        "write a date and a time",
    ),
    **dict.fromkeys(
        ("morning", "noon", "afternoon", "evening", "night", "tonight", "midnight", "eod"),
        "write the time, as in tomorrow 9:00",
    ),
    **dict.fromkeys(
        ("утром", "днём", "днем", "вечером", "ночью", "полдень", "полночь"),
        "write the time, as in завтра в 9:00",
    ),
    **dict.fromkeys(
        ("ertalab", "kunduzi", "kechqurun", "kechasi", "tushda", "эрталаб", "кечқурун", "кечаси"),
        "write the time, as in ertaga 9:00",
    ),
    **dict.fromkeys(
        ("next", "this", "следующий", "следующую", "следующее", "следующей", "этот", "эту"),
        "write the day of the week alone for the nearest one, else the date",
    ),
    **dict.fromkeys(
        ("keyingi", "kelasi", "shu", "кейинги", "келаси", "шу"),
        "write the day of the week alone for the nearest one, else the date",
    ),
    **dict.fromkeys(
        ("weekend", "end", "middle", "beginning", "about", "around", "конце", "начале"),
        "write a date and a time",
    ),
}
"""Words that several people read differently, and what to write instead."""

PARTS_OF_DAY: Mapping[str, range] = {
    **dict.fromkeys(("morning", "утром", "ertalab", "эрталаб"), range(4, 12)),
    **dict.fromkeys(("afternoon", "днём", "днем", "kunduzi"), range(12, 18)),
    **dict.fromkeys(("evening", "вечером", "kechqurun", "кечқурун"), range(17, 24)),
}
"""Vague words that add nothing to one of these hours, as in `ertaga ertalab 9:00`."""

_ZONE_NAMES = (
    "utc gmt z msk мск гмт утс uzt almt tjt kgt tmt yekt omst krat irkt vlat samt "
    "cet cest eet eest wet west bst ist trt gst pkt hkt sgt jst kst aest aedt nzst nzdt "
    "est edt cst cdt mst mdt pst pdt et pt akst hst"
)
ZONES = frozenset(_ZONE_NAMES.split())
"""Words that name a zone, beside those that the parser itself would swallow."""

RELATIVE = re.compile(r"^(?:in|через)\b|\bkeyin$")
"""How a span from now is said."""

_AROUND = re.compile(r"^(?:on|в|во)\s+|(?:\s+|^)(?:kuni|on|at|в|во|soat|da|-)$|\s*,$")


def plain(text: str) -> str:
    """The phrase in small letters and few forms, for the patterns and the parser that follow."""
    tidy = " ".join(text.lower().translate(_APOSTROPHES).split())
    return _HALF_HOUR.sub(_thirty, _WORD.sub(_plain_word, tidy))


def _thirty(found: re.Match[str]) -> str:
    return "30 daqiqadan" if found[0].endswith("dan") else "30 min"


def trimmed(phrase: str) -> str:
    """The phrase without the words around a date that add nothing to it."""
    shorter = _AROUND.sub("", phrase).strip()
    return shorter if shorter == phrase else trimmed(shorter)


def _plain_word(found: re.Match[str]) -> str:
    word = found[0]
    bare = _SUFFIXES.sub("", word)
    if bare != word and (bare in _PLAIN or bare in _UZBEK or bare in WEEKDAYS):
        return _PLAIN.get(bare, bare)
    return _PLAIN.get(word, word)


_UZBEK = frozenset(_PLAIN.values())
