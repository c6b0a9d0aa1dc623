"""A corpus for the judges of text, made afresh from a seed: the same seed gives the same texts.

Whole announcements, single entities with odd neighbours, strings of words and entities, emoji and
scripts, and all of these with a few characters lost, doubled, swapped or put in.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from judges.text_pieces import (
    AFTER,
    BEFORE,
    BETWEEN,
    CASHTAGS,
    EMOJI,
    FRAGMENTS,
    HANDLES,
    HOSTS,
    ODD,
    PATHS,
    PORTS,
    PROTOCOLS,
    QUERIES,
    SENTENCES,
    TAG_BODIES,
    WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Makers = tuple[Callable[[Random], str], ...]
"""What makes a piece of text of one kind each."""


def corpus(seed: int, size: int = 1_500) -> list[str]:
    """So many different texts, none of them with white space at its edges, none of them empty."""
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    texts: dict[str, None] = {}
    while len(texts) < size:
        text = random.choice(MAKERS)(random).strip()
        if text:
            texts[text] = None
    return list(texts)


def announcement(random: Random) -> str:
    """A few sentences of one or more languages, a link, tags, emoji."""
    sentences = random.choices(SENTENCES, k=random.randint(1, 5))
    pieces = [f"{_maybe(random, EMOJI)} {sentence}".strip() for sentence in sentences]
    body = random.choice((" ", "\n", "\n\n", "\r\n")).join(pieces)
    ending = random.sample(
        (address, hashtag, hashtag, mention, cashtag, emoji), random.randint(0, 4)
    )
    return random.choice((" ", "\n\n")).join([body, *(make(random) for make in ending)])


def address(random: Random) -> str:
    """A link, or what looks like one; sometimes an e-mail address."""
    parts = (PROTOCOLS, HOSTS, PORTS, PATHS, QUERIES, FRAGMENTS)
    written = "".join(random.choice(choices) for choices in parts)
    user = random.choice(("press", "a.b+c", "user:secret", "имя", "x_y", "-"))
    return f"{user}@{written}" if random.random() < 0.1 else written


def hashtag(random: Random) -> str:
    """A hashtag, or what looks like one."""
    return random.choice("####＃") + random.choice(TAG_BODIES)


def mention(random: Random) -> str:
    """A mention, or what looks like one."""
    return random.choice("@@@@＠") + random.choice(HANDLES)


def cashtag(random: Random) -> str:
    """A cashtag, or what looks like one."""
    return "$" + random.choice(CASHTAGS)


def emoji(random: Random) -> str:
    """One to six emoji, or pieces of them."""
    return "".join(random.choices(EMOJI, k=random.randint(1, 6)))


ENTITIES: Makers = (
    address,
    address,
    address,
    hashtag,
    mention,
    cashtag,
)


def neighbours(random: Random) -> str:
    """One or two entities with odd characters before and after."""
    made = (
        random.choice(BEFORE) + random.choice(ENTITIES)(random) + random.choice(AFTER)
        for _ in range(random.randint(1, 2))
    )
    return f"{_maybe(random, WORDS)}{_maybe(random, BETWEEN)}{''.join(made)}{_maybe(random, WORDS)}"


def words(random: Random) -> str:
    """Words, emoji and entities in a row, with and without spaces between."""
    makers: Makers = (*ENTITIES, emoji, *(partial(_word, WORDS),) * 8)
    return "".join(
        random.choice(makers)(random) + random.choice(BETWEEN) for _ in range(random.randint(1, 9))
    )


def noise(random: Random) -> str:
    """Odd characters only."""
    return "".join(random.choices(ODD, k=random.randint(1, 20)))


def damaged(random: Random) -> str:
    """Another text with a few characters lost, put in, doubled or swapped."""
    text = list(random.choice((announcement, neighbours, words, emoji))(random))
    for _ in range(random.randint(1, 4)):
        _damage(random, text)
    return "".join(text)


def _damage(random: Random, text: list[str]) -> None:
    place = random.randrange(len(text) + 1)
    replacement = random.choice(((), (random.choice(ODD),), text[place : place + 2] * 2))
    text[place : place + random.randint(0, 2)] = replacement


def _word(choices: Sequence[str], random: Random) -> str:
    return random.choice(choices)


def _maybe(random: Random, choices: Sequence[str]) -> str:
    return random.choice(choices) if random.random() < 0.4 else ""


MAKERS: Makers = (
    *(announcement, announcement, neighbours, neighbours, neighbours),
    *(words, words, damaged, damaged, emoji, noise),
)
"""How often each kind is made."""
