"""Hostile texts: all that a network, a counter or an encoder may stumble over."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NASTY: Mapping[str, str] = MappingProxyType(
    {
        "plain": "A delegation visited us today.",
        "decomposed": "cafe\u0301 a\u0301",
        "many combining marks": "Z\u0351\u036b\u0343\u036a\u0302a\u0328\u0310lgo",
        "uzbek latin": "Toshkent kimyo-texnologiya instituti o\u02bbquvchilari, g\u02bbalaba",
        "cyrillic": "Ректор қабул қилди: ўзаро ҳамкорлик, ғоя",
        "right to left": "مؤتمر صحفي غداً في التاسعة",
        "bidi controls": "abc \u202eright to left\u202c \u2067isolate\u2069 \u200f end",
        "zwj emoji": "👩‍🔬 🏳️‍🌈 👨‍👩‍👧‍👦 ❤️‍🔥",
        "flags and skin tones": "🇺🇿🇨🇳 👍🏽",
        "beyond the basic plane": "𝒳 𐍈 😀😀",
        "line separators": "one\u2028two\u2029three\u0085four",
        "invisible": "a\u200bb\u200cc\u200dd\ufeffe\u00adf\u2060g",
        "white space": "a\tb\u00a0c\u3000d\r\ne\n\n\nf",
        "quotes and backslashes": "\"double\" 'single' \\back\\ \\u0041 \\n `tick`",
        "markup": "<b>bold</b> &amp; &lt; <script>alert(1)</script> <!-- -->",
        "markdown": "*a* _b_ [c](d) ~e~ `f` > g # h + i - j = k | l {m} n . o !",
        "a placeholder of ours": "{token} {access} {key} {0} {} %s %(a)s ${x}",
        "a reference of ours": "<create-1.id> <create-1.uri> \ue000ref",
        "template syntax": "{{ 7 * 7 }} {% raw %} {# no #}",
        "a very long link": f"https://example.org/{'a/' * 90}?q={'%D0%B0' * 20}#end",
        "links": "example.org https://example.org/a_(b)?c=d&e=f, (http://пример.рф)",
        "tags and mentions": "#TICT #Тошкент @tict_uz @tict@mastodon.example @tict.example.org",
        "one character": "x",
    }
)
"""By what they are; none of them is longer than 300 graphemes, and none is empty."""
