"""Daemons that die and sleep, networks in trouble, people at work: and all of it once.

A failure tells its seed: `KARNAY_SEED=... pytest tests/simulation` walks the same way again,
and `KARNAY_WALKS=1000 pytest tests/simulation -m slow` walks for an hour.
"""

import os
from dataclasses import fields
from types import FunctionType

import pytest

from simulation.bugs import BUGS
from simulation.database import CheapDatabase
from simulation.laws import Broken
from simulation.walks import lived, walked
from simulation.world import World

WORLDS = (9, 17, 19, 39, *range(60))
"""In which a bug must have shown, the same ones in every run; the first ones show most bugs."""


@pytest.mark.parametrize("number", range(16))
def test_every_law_holds_wherever_a_daemon_dies(number: int, cheap_database: CheapDatabase) -> None:
    walked(number, cheap_database)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_law_holds_in_the_long_run(cheap_database: CheapDatabase) -> None:
    long = int(os.environ.get("KARNAY_WALKS", "5"))
    worlds = [walked(number, cheap_database, steps=6000) for number in range(100, 100 + long)]
    assert sum(world.tally["crashes"] for world in worlds) > 0


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_replaces_what_there_is(bug: str) -> None:
    kinds = [getattr(BUGS[bug], field.name) for field in fields(BUGS[bug])]
    replaced = [
        (base.__base__, name)
        for kind in kinds
        for base in kind.__mro__
        if base.__module__ == "simulation.bugs"
        for name, value in vars(base).items()
        if isinstance(value, FunctionType | staticmethod)
    ]
    assert replaced
    assert all(hasattr(base, name) for base, name in replaced), replaced


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_daemon_with_this_bug_is_found_out(bug: str, cheap_database: CheapDatabase) -> None:
    with pytest.raises(Broken):
        [lived(World(seed, cheap_database, BUGS[bug])) for seed in WORLDS]
