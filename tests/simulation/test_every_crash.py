"""Whatever a network answers, and after whatever turn a daemon dies: once.

Each delivery meets one answer, and daemon after daemon that dies in the middle of it; the first
one after every number of turns there is, the others anywhere.
"""

from random import Random

import pytest

from chance import SEED
from simulation.crashes import LONGEST, Doom, Fate, fates
from simulation.database import CheapDatabase
from simulation.networks import NETWORKS
from simulation.walks import seed_told

DAEMONS = 7  # that die, one after the other


def doomed(network: str, database: CheapDatabase) -> None:
    luck = Random(SEED)  # noqa: S311 - deaths that can be repeated
    with seed_told():
        doom = Doom(SEED, database, fates(network, luck, DAEMONS))
        doom.suffer()
        doom.heal()


@pytest.mark.parametrize("network", NETWORKS)
def test_wherever_daemons_die_it_is_published_once(
    network: str, cheap_database: CheapDatabase
) -> None:
    doomed(network, cheap_database)


@pytest.mark.parametrize("network", NETWORKS)
def test_there_is_a_death_after_every_turn(network: str, cheap_database: CheapDatabase) -> None:
    doom = Doom(0, cheap_database, [Fate(network, "made", (10 * LONGEST,))])
    doom.suffer()
    assert 0 < doom.tally["turns"] <= LONGEST
