"""What a plan promises: pure, complete, the same bytes for the same delivery, and no secrets."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from karnay.platforms.base import Effect, step_from_json
from karnay.platforms.calls import encode
from karnay.testing.lab import KEY, OTHER_KEY, everything, later_parts, waited_for
from karnay.testing.network import strings
from karnay.testing.offsets import marked
from karnay.testing.texts import NASTY
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from karnay.platforms.base import Key
    from karnay.testing.lab import Lab
    from karnay.text.richtext import Span


class _NextYear(datetime):
    """The clock of somebody who plans a year later."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _NextYear:
        return super().now(tz) + timedelta(days=365)

    @classmethod
    def utcnow(cls) -> _NextYear:
        raise AssertionError("a plan asked for the time")


class Planning:
    """A plan is a pure function of variant, account and key."""

    def test_a_plan_is_the_same_when_made_again(self, lab: Lab) -> None:
        """Preview, first attempt and every later one send the same bytes."""
        assert _bytes(lab) == _bytes(lab)

    def test_a_plan_is_the_same_a_year_later(
        self, lab: Lab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever is dated or unique in a request comes from the delivery, not from the clock."""
        today = _bytes(lab)
        module = sys.modules[type(lab.platform).__module__]
        monkeypatch.setattr(module, "datetime", _NextYear, raising=False)
        monkeypatch.setattr(time, "time", lambda: 2e9)
        monkeypatch.setattr(time, "time_ns", lambda: 2 * 10**18)
        assert _bytes(lab) == today

    def test_every_step_has_a_key_of_its_own(self, lab: Lab) -> None:
        """Two steps with one key would be taken for one."""
        steps = lab.plan()
        assert len({step.key for step in steps}) == len({step.name for step in steps}) == len(steps)

    def test_two_deliveries_share_no_key(self, lab: Lab) -> None:
        """A second post of the same words is another post."""
        assert not _keys(lab, KEY) & _keys(lab, OTHER_KEY)

    def test_a_stored_plan_is_the_plan(self, lab: Lab) -> None:
        """What the store keeps and reads back is performed as if it were new."""
        stored = json.dumps([step.as_json() for step in lab.plan()])
        assert [step_from_json(kept) for kept in json.loads(stored)] == lab.plan()

    def test_a_plan_holds_no_secret(self, lab: Lab) -> None:
        """Plans are shown, stored and hashed."""
        shown = str(lab.plan()) + _bytes(lab).decode()
        assert not [secret for secret in lab.secrets if secret in shown]

    def test_every_part_is_published_by_one_visible_step_in_order(self, lab: Lab) -> None:
        """A thread resumes at the first part without a receipt."""
        visible = [step for step in lab.plan() if step.part is not None]
        assert [step.part for step in visible] == list(range(len(lab.thread().parts)))
        assert [step.name for step in visible] == [f"create-{n + 1}" for n in range(len(visible))]

    def test_what_publishes_is_never_called_safe(self, lab: Lab) -> None:
        """A safe step is repeated at will."""
        assert Effect.SAFE not in {step.effect for step in lab.plan() if step.part is not None}

    def test_a_step_needs_only_earlier_ones(self, lab: Lab) -> None:
        """Steps are performed in order."""
        names = [step.name for step in lab.plan()]
        assert all(waited_for(step) <= set(names[:index]) for index, step in enumerate(lab.plan()))

    def test_a_later_part_follows_the_one_before_it(self, lab: Lab) -> None:
        """A thread is a chain, not a star."""
        assert all(before.name in waited_for(step) for before, step in later_parts(lab))

    @pytest.mark.parametrize("nasty", NASTY)
    def test_a_text_is_in_the_plan_as_it_was_written(self, lab: Lab, nasty: str) -> None:
        """Not normalised, escaped, trimmed or shortened."""
        bodies = _bodies(lab, RichText(NASTY[nasty]))
        assert NASTY[nasty] in set(map(lab.platform.sample.reads, strings(bodies)))

    @pytest.mark.parametrize("nasty", NASTY)
    def test_formatting_marks_what_it_is_meant_for(self, lab: Lab, nasty: str) -> None:
        """Offsets are counted in the network's own units, on the final text."""
        text = lab.as_sent(RichText(NASTY[nasty] + " ") + everything())
        assert set(_marked(lab, text)) <= _pieces(text, text.spans)

    def test_no_formatting_is_lost(self, lab: Lab) -> None:
        """Every span that the network keeps, and cannot find by itself, is in the request."""
        text = lab.as_sent(everything())
        found = lab.platform.limits(lab.account).dialect.detect(text.text)
        told = _marked(lab, text)
        assert _pieces(text, set(text.spans) - set(found)) <= set(told)


def _bytes(lab: Lab) -> bytes:
    return json.dumps([step.as_json() for step in lab.plan()]).encode()


def _keys(lab: Lab, key: Key) -> set[str]:
    return {step.key for step in lab.plan(key=key)}


def _bodies(lab: Lab, text: RichText) -> list[Any]:
    """What the requests say that publish a text; keys and file names aside."""
    return [json.loads(encode(step.call.fields)) for step in lab.plan(lab.variant(text))]


def _marked(lab: Lab, text: RichText) -> list[str]:
    return marked(_bodies(lab, text), lab.platform.sample)


def _pieces(text: RichText, spans: Iterable[Span]) -> set[str]:
    return {text.text[span.start : span.end] for span in spans}
