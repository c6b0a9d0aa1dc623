"""Worlds that this run walks, by its seed; whatever fails tells how to repeat it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from chance import SEED
from simulation.database import CheapDatabase
from simulation.laws import Broken
from simulation.world import World


@contextlib.contextmanager
def seed_told() -> Iterator[None]:
    """What breaks says how to break it again."""
    try:
        yield
    except Broken as broken:
        raise Broken(f"to repeat it, set KARNAY_SEED={SEED}: {broken}") from None


def walked(number: int, database: CheapDatabase, steps: int = 2000) -> World:
    """The world of that number of this run, walked and healed. Raises Broken."""
    with seed_told():
        return lived(World(SEED * 1000 + number, database), steps)


def lived(world: World, steps: int = 2000) -> World:
    """The world, walked and healed. Raises Broken."""
    world.walk(steps)
    world.heal()
    return world
