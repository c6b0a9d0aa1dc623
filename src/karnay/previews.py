"""A preview: what one account will get, with its counts, its problems and the exact requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karnay.secrets import MASK

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.accounts import Account
    from karnay.platforms.base import Cost, Step
    from karnay.platforms.calls import Call
    from karnay.rendering.limits import Limits
    from karnay.rendering.variant import Rendering


@dataclass(frozen=True, slots=True)
class Preview:
    """One account's variant, and the steps that would send it at `planned_at` (aware UTC).

    `cost` is what the network will bill, where that is known.
    """

    post: str
    account: Account
    rendering: Rendering
    limits: Limits
    steps: tuple[Step, ...]
    planned_at: datetime
    cost: Cost | None = None

    def as_json(self, *, requests: bool = False) -> dict[str, Any]:
        """The preview as `karnay preview --json` shows it."""
        variant = self.rendering.variant
        shown = {
            "account": variant.account,
            "platform": variant.platform,
            "language": variant.language,
            "template": variant.template,
            "hash": variant.hash,
            "planned_at": self.planned_at.isoformat(),
            "parts": [
                {
                    "text": part.text.text,
                    "used": self.limits.used(part.text),
                    "limit": self.limits.limit,
                    "unit": self.limits.counters[0].unit,
                }
                for part in variant.parts
            ],
            "cost": self.cost and self.cost.as_json(),
            "notes": list(self.rendering.notes),
            "problems": [problem.as_json() for problem in self.rendering.problems],
        }
        asked = {"requests": [request_as_json(step.call) for step in self.steps]}
        return {**shown, **asked} if requests else shown


def request_as_json(call: Call) -> dict[str, Any]:
    """The exact request, with secrets masked and `<step.name>` where a network's id will stand."""
    return {
        "method": call.method,
        "url": _masked(call.address),
        "headers": {name: _masked(value) for name, value in call.headers.items()},
        "body": call.content().decode(),
    }


def _masked(template: str) -> str:
    head, brace, rest = template.partition("{")
    name, closed, tail = rest.partition("}")
    if not brace or not closed or not name.isidentifier():
        return template
    return f"{head}{MASK}{_masked(tail)}"
