"""A platform on the bench: its sample account, a network in memory, and something to publish."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING, Account
from karnay.errors import PublishingError
from karnay.platforms.base import Given, Key, Ref
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Part, Variant
from karnay.testing.clock import START, FixedClock
from karnay.testing.network import Network, Sent
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.platforms.base import Platform, Receipt, Step
    from karnay.testing.network import Reaction

KEY = Key("0f" * 32, START)
OTHER_KEY = Key("f0" * 32, START)

COMMON = frozenset(
    {"platform", "language", "fallbacks", "timezone", "slots", "least_gap", "budget", "overflow"}
)
"""What any account's table in karnay.toml may hold; the rest is the platform's own."""


def account_of(platform: Platform) -> Account:
    """The account of the platform's sample; its secrets are still references."""
    table = dict(platform.sample.account)
    own = {name: value for name, value in table.items() if name not in COMMON}
    details = platform.details.model_validate(own)
    return Account("sample", platform.name, table.get("language", "en"), details)


@dataclass
class Lab:
    """One platform with its sample; the environment must hold the sample's secrets."""

    platform: Platform
    clock: FixedClock = field(default_factory=FixedClock)
    account: Account = field(init=False)
    network: Network = field(init=False)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        """Lay everything out; nothing is sent yet."""
        self.account = account_of(self.platform)
        self.network = Network(self.platform.sample.network)
        self.wire = Wire(self.clock, transport=self.network)

    @property
    def secrets(self) -> Sequence[str]:
        """The values that must never be seen."""
        return list(self.platform.sample.secrets.values())

    def variant(self, *texts: RichText, options: Mapping[str, Any] = NOTHING) -> Variant:
        """What the account is to publish: a part for each text."""
        parts = tuple(Part(self.as_sent(text)) for text in texts)
        return Variant("sample", self.platform.name, "en", "default/default.md.j2", parts, options)

    def as_sent(self, text: RichText) -> RichText:
        """The text with the spans that the network keeps, and those that it finds by itself."""
        dialect = self.platform.limits(self.account).dialect
        return text.with_spans(dialect.detect(text.text)).only(dialect.keeps)

    def thread(self) -> Variant:
        """Three parts, or one where the platform has no threads; something of everything."""
        texts = (everything(), RichText("The second part."), RichText("The third part."))
        return self.variant(*texts[: self.platform.limits(self.account).parts])

    def plan(self, variant: Variant | None = None, key: Key = KEY) -> list[Step]:
        """The steps for that variant, else for the thread."""
        return self.platform.plan(variant or self.thread(), self.account, key)

    def publish(self, steps: Sequence[Step]) -> list[Step]:
        """Perform the steps in order; returns them as they were sent."""
        receipts: dict[str, Receipt] = {}
        ready: list[Step] = []
        for step in steps:
            ready.append(step.filled(receipts))
            receipts[step.name] = self.platform.perform(ready[-1], self.account, self.wire)
        return ready

    def sent(self) -> list[Sent]:
        """What was sent since this was last asked."""
        sent = self.network.sent[:]
        self.network.sent.clear()
        return sent

    def ready(self, name: str) -> Step:
        """The step of that name, filled, those before it performed; logged in where that is due."""
        steps = self.publish(self.plan())
        self.sent()
        return next(step for step in steps if step.name == name)

    def failure(self, step: Step, reaction: Reaction) -> PublishingError:
        """How that step ends when the network reacts so. Raises AssertionError when it does not."""
        self.network.reaction = reaction
        try:
            receipt = self.platform.perform(step, self.account, self.wire)
        except PublishingError as error:
            return error
        raise AssertionError(f"{step.name} gave {receipt} where it had to fail")

    def told(self, facts: Mapping[str, Any]) -> Account:
        """The account once the store has kept these facts."""
        return replace(self.account, facts=facts)


def planned_by(platform: Platform) -> list[Step]:
    """The steps of the sample's thread; needs no secret."""
    return Lab(platform).plan()


def later_parts(lab: Lab) -> list[tuple[Step, Step]]:
    """Each publishing step of the thread but the first, with the one before it."""
    return list(pairwise(step for step in lab.plan() if step.part is not None))


def references(body: Any) -> set[str]:
    """The names of the steps whose receipts a body waits for."""
    match body:
        case Ref():
            return {body.step}
        case Given():
            return {body.step} | references(body.value)
        case dict():
            return set().union(*(references(inner) for inner in body.values()))
        case list():
            return set().union(*(references(inner) for inner in body))
        case _:
            return set()


def everything() -> RichText:
    """A text with a span of every kind, after characters that are more than one unit long."""
    pieces = (
        ("😀 Қабул: ", None, ""),
        ("bold é", Kind.BOLD, ""),
        (" and ", None, ""),
        ("italic 👩‍🔬", Kind.ITALIC, ""),
        (", ", None, ""),
        ("struck", Kind.STRIKE, ""),
        (", ", None, ""),
        ("code()", Kind.CODE, ""),
        (", ", None, ""),
        ("words of a link", Kind.LINK, "https://example.org/news?a=b&c=д"),
        ("\n", None, ""),
        ("quoted\u2028words", Kind.QUOTE, ""),
        ("\n", None, ""),
        ("print(1)", Kind.PRE, "python"),
        ("\nhttps://example.org/шандонг #TICT @tict.example.org", None, ""),
    )
    text, spans = "", []
    for words, kind, value in pieces:
        if kind:
            spans.append(Span(len(text), len(text) + len(words), kind, value))
        text += words
    return RichText(text, tuple(spans))
