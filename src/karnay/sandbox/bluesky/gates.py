"""Records beside a post that keep others out: who may answer its thread, and who may quote it.

https://github.com/bluesky-social/atproto `lexicons/app/bsky/feed/threadgate.json`, `postgate.json`.
A gate must also belong to a post under its own key, which the lexicons only describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.sandbox.bluesky.lexicon import created_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_THREAD, _POST = "app.bsky.feed.threadgate", "app.bsky.feed.postgate"
_WHO = ("mention", "follower", "following", "list")

_RULES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    _THREAD: ("allow", tuple(f"{_THREAD}#{who}Rule" for who in _WHO)),
    _POST: ("embeddingRules", (f"{_POST}#disableRule",)),
}
MOST = 5

GATES = frozenset(_RULES)
"""The collections of gates."""


def gate_faults(collection: str, gate: Mapping[str, Any]) -> Iterator[str]:
    """Everything that keeps this record from being a gate of that collection."""
    name, kinds = _RULES[collection]
    yield from created_faults(gate.get("createdAt"))
    if not isinstance(gate.get("post"), str):
        yield 'Missing required key "post" at $'
    rules = gate.get(name, [])
    if not isinstance(rules, list):
        yield f"Expected array value type at $.{name}"
        return
    if len(rules) > MOST:
        yield f"array too big (maximum {MOST}, got {len(rules)}) at $.{name}"
    for number, rule in enumerate(rules):
        yield from _rule(rule, kinds, f"$.{name}[{number}]")


def _rule(rule: Any, kinds: tuple[str, ...], path: str) -> Iterator[str]:
    kind = rule.get("$type") if isinstance(rule, dict) else None
    if kind not in kinds:
        yield f"Expected one of {', '.join(kinds)}, got {kind} at {path}"
    elif kind == f"{_THREAD}#listRule" and not str(rule.get("list")).startswith("at://"):
        yield f'Missing required key "list" at {path}'
