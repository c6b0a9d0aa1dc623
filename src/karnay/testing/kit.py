"""The conformance kit: the promises that every platform keeps, as tests to subclass.

    class TestMine(PlatformKit):
        platforms = {"mine": PLATFORM}

All that it needs is in the platform's own `sample`; nothing leaves the machine.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import pytest

from karnay.testing.lab import Lab, environment, planned_by
from karnay.testing.promises.afterwards import Afterwards
from karnay.testing.promises.carrying import Carrying
from karnay.testing.promises.failing import Failing
from karnay.testing.promises.fitting import Fitting
from karnay.testing.promises.logging_in import LoggingIn
from karnay.testing.promises.looking import Looking
from karnay.testing.promises.planning import Planning
from karnay.testing.promises.secrecy import Secrecy
from karnay.testing.promises.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from karnay.platforms.base import Platform

_SLOW = "slow: the same promise at one more step of the same effect"

NO_PLATFORMS: Mapping[str, Platform] = MappingProxyType({})


class PlatformKit(
    Planning, Sending, Carrying, Failing, Secrecy, LoggingIn, Looking, Fitting, Afterwards
):
    """Subclass it, name your platforms, and each of them runs through every promise.

    What is promised of each step is tested at the first one of each effect; at the others, where
    the same code stands behind it as a rule, the tests are marked `slow`.
    """

    platforms: ClassVar[Mapping[str, Platform]] = NO_PLATFORMS

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each promise for each platform and, where it asks for them, its steps or refusals."""
        if _SLOW not in metafunc.config.getini("markers"):
            metafunc.config.addinivalue_line("markers", _SLOW)
        asked = [name for name in _CASES if name in metafunc.fixturenames]
        cases = [
            pytest.param(platform, *case.values, id="-".join((name, *case.told)), marks=case.marks)
            for name, platform in self.platforms.items()
            for case in (_CASES[asked[0]](platform) if asked else [_Case()])
        ]
        metafunc.parametrize(("platform", *asked), cases)

    @pytest.fixture
    def lab(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Lab:
        """The platform on the bench, its sample's secrets in the environment."""
        for name, value in environment(platform).items():
            monkeypatch.setenv(name, value)
        return Lab(platform)


class _Case(NamedTuple):
    """What a promise asks for beside the platform: one of its steps, or of its refusals."""

    told: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    marks: tuple[pytest.MarkDecorator, ...] = ()


def _steps(platform: Platform) -> Iterator[_Case]:
    seen = set()
    for step in planned_by(platform):
        marks = (pytest.mark.slow,) if step.effect in seen else ()
        seen.add(step.effect)
        yield _Case((step.name,), (step.name,), marks)


def _refusals(platform: Platform) -> Iterator[_Case]:
    for number, refusal in enumerate(platform.sample.refusals):
        told = f"{number}-{refusal.status}-{refusal.error.__name__}"
        yield _Case((told,), (refusal,))


_CASES: Mapping[str, Callable[[Platform], Iterable[_Case]]] = {
    "step_name": _steps,
    "refusal": _refusals,
}
