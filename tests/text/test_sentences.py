"""Sentences end where a reader of English, Russian or Uzbek says so."""

from __future__ import annotations

import pytest

from karnay.text.sentences import Rank, breaks, sentences
from text.cases import Case, cases

EXCEPTIONS = {
    "sent-en-047": "of four spaced dots the first ends the sentence and the others begin the next",
    "sent-ru-035": "`2012 гг.` ends a sentence as often as it does not, and a capital follows",
    "sent-ru-041": "`1898 г.` ends a sentence as often as it does not, and a capital follows",
    "sent-kk-001": "what goes on in lower case is of the same sentence",
    "sent-kk-005": "no space between the sentences: so are addresses and file names written",
}


@pytest.mark.parametrize("case", cases("sentences", exceptions=EXCEPTIONS))
def test_the_golden_sentences_are_found(case: Case) -> None:
    assert sentences(case["text"]) == case["expected"]


@pytest.mark.parametrize(
    "text",
    [
        "Пришёл А. С. Петров и сел.",
        "Живёт в г. Ташкент, ул. Навои, д. 5.",
        "Это, т.е. то, верно.",
        "Dr. Smith met Mr. Jones at 6 p.m., as planned.",
        "15-noyabr kuni, 2024-yil boshida.",
        "Toshkent sh. Amir Temur koʻchasi.",
        "Narxi 5 mln soʻm boʻldi.",
        "Sh. Mirziyoyev keldi.",
        "Тошкент ш. Навоий кўчаси.",
        "See e.g. London for this.",
        "Really?! he said.",
        "Ну... и что?",
        "Tanlovga 100 mln soʻm ajratildi.",
        "Танловга 100 млн сўм ажратилди.",
        "Yu.N. Rahmonov keldi.",
        "Sh.Oʻ. Karimova va Gʻ. Gʻulom.",
        "Книги, журналы и т. д. лежат тут.",
        "Toshkent sh. Yunusobod tumani, 2024-yil 15-noyabr.",
        "Самарқанд вил. Ургут тум. ҳокими келди.",
        "Живёт в пгт. Брагиновка.",
        "Это было в IV в. до н.э. 6 раз.",
        "He wrote [...] the end.",
        'He wrote "it was [...]" (Smith 55).',
        "It ended . . . and began again.",
        "The price of No. 5 (see N°. 12) rose.",
        "Toshkent • Samarqand • Buxoro",
        "Qaror № 5 qabul qilindi. № 6 esa yoʻq.",
        "We live at 7 Main St. Nicholas Court.",
    ],
)
def test_one_sentence_is_not_cut(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "One. | Two! | Three? | Four…",
        "Это было в 2024 г. | Потом стало лучше.",
        "Он сказал: «Да». | Она ушла.",
        "He left at 6 p.m. | The others stayed.",
        "Birinchi gap. | Ikkinchi gap.",
        "Jamgʻarma 100 mln soʻm. | Gʻolib bitta.",
        "Жамғарма 100 млн сўм. | Ғолиб битта.",
        "Narxi 500 soʻm. | Arzon.",
        "Bu 2024-yil. | Keyin oʻtgan yil. | Yangi yil.",
        "Книги, журналы и т. д. | Мы ждём.",
        "Столы, стулья и т. п. | Всё продано.",
        "Kitoblar va h. k. | Biz kutamiz.",
        "He said “Go.” | She went.",
        "It grew by 5.5%. | In 2024. | Then it fell.",
        "I live in the U.S. | How about you?",
        "Он живёт в СПб и др. | Это далеко.",
        "1) birinchi ish | 2) ikkinchi ish | 3) uchinchi ish",
        "1. Первое дело. | 2. Второе дело.",
        "a) one thing | b) another thing",
        "It ended . . . . | The rest is silence.",
        "Line one\u0020| Line two".replace("\u0020| ", " | \n").replace(" | \n", " |\n"),
    ],
)
def test_sentences_are_found(text: str) -> None:
    pieces = [piece.strip() for piece in text.split("|")]
    joined = " ".join(pieces) if "\n" not in text else "\n".join(pieces)
    assert sentences(joined) == pieces


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("one\n\ntwo", Rank.PARAGRAPH),
        ("one\ntwo", Rank.LINE),
        ("One. Two", Rank.SENTENCE),
        ("one, two", Rank.CLAUSE),
        ("one — two", Rank.CLAUSE),
        ("one two", Rank.WORD),
        ("15 ноября", Rank.TIGHT),
        ("А. Петров", Rank.TIGHT),
        ("г. Ташкент", Rank.TIGHT),
    ],
)
def test_a_break_has_a_rank(text: str, rank: Rank) -> None:
    assert breaks(text)[0].rank is rank


def test_an_east_asian_sentence_needs_no_space() -> None:
    assert sentences("一つ。二つ！三つ") == ["一つ。", "二つ！", "三つ"]
