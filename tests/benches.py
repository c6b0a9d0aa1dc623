"""A platform on the bench whose network answers as a test wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from karnay.platforms.base import Exchange
from karnay.testing.lab import KEY, Lab, environment
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    import pytest

    from karnay.platforms.base import Platform, Step


def a_bench(platform: Platform, monkeypatch: pytest.MonkeyPatch, **details: Any) -> Lab:
    """The platform's lab; `details` are told to its account beside those of the sample."""
    for name, value in environment(platform).items():
        monkeypatch.setenv(name, value)
    lab = Lab(platform)
    told = {**lab.account.details.model_dump(), **details}
    lab.account = replace(lab.account, details=platform.details.model_validate(told))
    return lab


def answers(lab: Lab, method: str, path: str, *bodies: Any, status: int = 200) -> None:
    """Have the network answer so, in turn, instead of as the sample says."""
    others = [one for one in lab.network.exchanges if (one.method, one.path) != (method, path)]
    lab.network.exchanges = (*(Exchange(method, path, status, body) for body in bodies), *others)


def planned(lab: Lab, text: str = "Hello", kind: str | None = None, **options: Any) -> list[Step]:
    """The plan for these words, with files of that kind."""
    media = lab.assets(kind) if kind else None
    return lab.plan(lab.variant(RichText(text), media=media, options=options), KEY)


def performed(lab: Lab, steps: list[Step], name: str) -> Step:
    """The step of that name as it is sent, those before it performed."""
    upto = [step.name for step in steps].index(name) + 1
    return lab.publish(steps[:upto])[-1]
