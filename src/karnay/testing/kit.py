"""The conformance kit: the promises that every platform keeps, as tests to subclass.

    class TestMine(PlatformKit):
        platforms = {"mine": PLATFORM}

All that it needs is in the platform's own `sample`; nothing leaves the machine.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

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
    from collections.abc import Callable, Iterable, Mapping

    from karnay.platforms.base import Platform

NO_PLATFORMS: Mapping[str, Platform] = MappingProxyType({})


class PlatformKit(
    Planning, Sending, Carrying, Failing, Secrecy, LoggingIn, Looking, Fitting, Afterwards
):
    """Subclass it, name your platforms, and each of them runs through every promise."""

    platforms: ClassVar[Mapping[str, Platform]] = NO_PLATFORMS

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each promise for each platform and, where it asks for them, its steps or refusals."""
        asked = [name for name in _CASES if name in metafunc.fixturenames]
        cases = [
            pytest.param(platform, *case, id="-".join((name, *told)))
            for name, platform in self.platforms.items()
            for told, case in _cases(platform, asked)
        ]
        metafunc.parametrize(("platform", *asked), cases)

    @pytest.fixture
    def lab(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Lab:
        """The platform on the bench, its sample's secrets in the environment."""
        for name, value in environment(platform).items():
            monkeypatch.setenv(name, value)
        return Lab(platform)


def _cases(platform: Platform, asked: list[str]) -> Iterable[tuple[list[str], list[object]]]:
    if not asked:
        return [([], [])]
    return [([told], [case]) for told, case in _CASES[asked[0]](platform)]


def _steps(platform: Platform) -> list[tuple[str, object]]:
    return [(step.name, step.name) for step in planned_by(platform)]


def _refusals(platform: Platform) -> list[tuple[str, object]]:
    return [
        (f"{number}-{refusal.status}-{refusal.error.__name__}", refusal)
        for number, refusal in enumerate(platform.sample.refusals)
    ]


_CASES: Mapping[str, Callable[[Platform], list[tuple[str, object]]]] = {
    "step_name": _steps,
    "refusal": _refusals,
}
