"""A platform on the bench: its sample account, a network in memory, and something to publish."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from karnay.accounts import NOTHING, Account
from karnay.errors import PublishingError
from karnay.platforms.base import Key
from karnay.platforms.calls import references
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Part, Variant
from karnay.testing.assets import Shelf
from karnay.testing.clock import START, FixedClock
from karnay.testing.media_host import HOST, HOST_SECRETS, TAKEN
from karnay.testing.network import Network, Sent
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from karnay.media.asset import Asset
    from karnay.media.limits import MediaLimits
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
    language = table.get("language", "en")
    return Account("sample", platform.name, language, details, media_host=HOST)


def environment(platform: Platform) -> Mapping[str, str]:
    """The secrets that its sample refers to, by the names of the variables."""
    return {**HOST_SECRETS, **platform.sample.secrets}


@dataclass
class Lab:
    """One platform with its sample; the environment must hold the secrets of `environment`."""

    platform: Platform
    clock: FixedClock = field(default_factory=FixedClock)
    account: Account = field(init=False)
    network: Network = field(init=False)
    wire: Wire = field(init=False)
    shelf: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        """Lay everything out; nothing is sent yet."""
        self.account = account_of(self.platform)
        self.network = Network((*self.platform.sample.network, *TAKEN))
        self.wire = Wire(self.clock, transport=self.network, files=self.shelf)

    @property
    def secrets(self) -> Sequence[str]:
        """The values that must never be seen."""
        return list(environment(self.platform).values())

    def variant(
        self,
        *texts: RichText,
        media: Sequence[Asset] | None = None,
        options: Mapping[str, Any] = NOTHING,
    ) -> Variant:
        """What the account is to publish: a part for each text, the files with the first.

        Where none are named, there are as few as the network wants.
        """
        carried = self._fewest if media is None else tuple(media)
        first, *others = map(self.as_sent, texts)
        parts = (Part(first, carried), *map(Part, others))
        return Variant("sample", self.platform.name, "en", "default/default.md.j2", parts, options)

    @property
    def media_limits(self) -> MediaLimits:
        """What a part may carry there."""
        return self.platform.limits(self.account, media=True).media

    def assets(self, kind: str) -> tuple[Asset, ...]:
        """`pictures`, a `film` or a `document`; for what is not taken, as few files as must be."""
        made: Callable[[MediaLimits], tuple[Asset, ...]] = getattr(self.shelf, kind)
        return made(self.media_limits) or self._fewest

    @property
    def _fewest(self) -> tuple[Asset, ...]:
        """What every post must carry."""
        limits = self.media_limits
        return self.shelf.pictures(limits)[: limits.least]

    def describes(self, asset: Asset) -> bool:
        """Whether the network has a field for what the asset shows."""
        limits = self.media_limits
        return bool(asset.alt and limits.alt and asset.kind in limits.described)

    def as_sent(self, text: RichText) -> RichText:
        """The text with the spans that the network keeps, and those that it finds by itself."""
        dialect = self.platform.limits(self.account).dialect
        return text.with_spans(dialect.detect(text.text)).only(dialect.keeps)

    def thread(self) -> Variant:
        """Three parts, or one where the platform has no threads; pictures with the first."""
        texts = (everything(), RichText("The second part."), RichText("The third part."))
        parts = self.platform.limits(self.account, media=True).parts
        return self.variant(*texts[:parts], media=self.assets("pictures"))

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

    def ready_text(self) -> Step:
        """The first visible step of a post with as few files as the network wants, filled."""
        steps = self.publish(self.plan(self.variant(everything())))
        self.sent()
        return next(step for step in steps if step.part is not None)

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
    """Each publishing step of a chained thread but the first, with the one before it."""
    chained = lab.platform.limits(lab.account).chained
    return list(pairwise(step for step in lab.plan() if chained and step.part is not None))


def waited_for(step: Step) -> set[str]:
    """The names of the steps whose receipts the step needs."""
    return references(step.call.body) | {ref.step for ref in step.call.refs.values()}


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
