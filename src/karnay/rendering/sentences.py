"""The first sentences of a text, plain or Markdown, without cutting through its marks."""

from __future__ import annotations

from itertools import islice

import regex

# Links, bold words and code are stepped over as a whole: a full stop in them ends no sentence.
_WHOLE = r"\[[^\[\]\n]{0,500}\]\([^()\s]{0,2000}\)|\*\*[^*\n]+\*\*|`[^`\n]+`"

# A full stop after a capital on its own is an initial ("А. С. Петров"), and one before a small
# letter or a digit an abbreviation: neither ends a sentence. A blank line always does.
_END = (
    r"(?<=[.!?…؟。][\"'»”’)*_]{0,5})(?<!\b\p{Lu}\.)(?=\s+[^\p{Ll}\p{N}\s]|\s*\Z)"
    r"|(?<=\S)(?=[^\S\n]*\n\s*\n)"
)
_STEP = regex.compile(f"(?:{_WHOLE})|(?P<end>{_END})")


def first_sentences(text: str, most: int) -> str:
    """At most so many sentences from the start of the text, which is whole if it has no more."""
    if most < 1:
        return ""
    ends = (step.start() for step in _STEP.finditer(text) if step["end"] is not None)
    last = next(islice(ends, most - 1, None), len(text))
    return text[:last]
