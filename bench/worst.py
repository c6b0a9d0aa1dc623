"""The slowest of the hostile texts, for each thing that is done with a text."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bench.hostile import hostile, hostile_markdown
from karnay.platforms import registry
from karnay.rendering.limits import Limits
from karnay.testing.lab import account_of
from karnay.text import fitting
from karnay.text.markdown import lower
from karnay.text.plain import adapted
from karnay.text.richtext import Kind, RichText, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

Task = Callable[[RichText, Limits], object]


def worst_of_each(tries: int) -> dict[str, tuple[float, str]]:
    """For each task the milliseconds of the slowest hostile text, and which it was.

    Milliseconds of processor time, the least of the tries: a busy machine makes no text slow.
    """
    found = {task: _hostile_ms(run, tries) for task, run in _ON_A_NETWORK.items()}
    found["lower"] = {
        name: _best(partial(lower, text), tries) for name, text in hostile_markdown().items()
    }
    return {task: max((ms, name) for name, ms in times.items()) for task, times in found.items()}


def _hostile_ms(run: Task, tries: int) -> dict[str, float]:
    """The milliseconds by text and network, detecting included."""
    return {
        f"{name} on {network}": _best(partial(_on, run, text, limits), tries)
        for network, limits in ((network, limits_of(network)) for network in registry.platforms())
        for name, text in hostile().items()
    }


def _best(task: Callable[[], object], tries: int) -> float:
    return 1e3 * min(_cpu_seconds(task) for _ in range(tries))


def _cpu_seconds(task: Callable[[], object]) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


def _on(run: Task, text: str, limits: Limits) -> object:
    flexible = RichText(text, (Span(0, len(text), Kind.FLEX, "1"),))
    return run(adapted(flexible, limits.dialect), limits)


def _sizes(text: RichText, limits: Limits) -> list[int]:
    return [counter.measure(text) for counter in limits.counters]


_ON_A_NETWORK: Mapping[str, Task] = {
    "measure": _sizes,
    "split": lambda text, limits: fitting.split(text, limits.counters, most=limits.parts),
    "shorten": lambda text, limits: fitting.shorten(text, limits.counters),
}


def limits_of(network: str) -> Limits:
    """What the network accepts from an account that asks for nothing special."""
    platform = registry.platform(network)
    return platform.limits(account_of(platform))
