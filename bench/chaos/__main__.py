"""`python -m bench.chaos`: everything dies, and every announcement is published once, on time."""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.chaos.attack import attack
from bench.chaos.breakages import BREAKAGES
from bench.chaos.stage import ENGINES, SPEED, Plan

if TYPE_CHECKING:
    from bench.chaos.attack import Outcome

SECONDS = {False: 60.0, True: 15.0}
"""How long a sound and a broken engine are attacked, unless the command line says otherwise."""

TRIES = 4
"""How many attacks may pass over a broken engine before it counts as not caught."""


def main() -> None:
    """Attack; exit 1 on any double, loss, early post, wrong order or wrong report.

    A broken engine the other way round: exit 1 where the attack does not notice.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all is taken down
    options = _options()
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    broken = list(BREAKAGES) if options.prove else options.breakage
    plan = Plan(
        seed=options.seed,
        seconds=options.seconds or SECONDS[bool(broken)],
        engine=options.engine,
        daemons=options.daemons,
        faults=options.faults,
        speed=options.speed,
        logs=options.logs,
    )
    if broken:
        missed = [name for name in broken if not caught(name, plan)]
        sys.exit(bool(missed))
    outcome = attack(plan)
    _tell(outcome, as_json=options.json)
    sys.exit(not outcome.clean)


def caught(name: str, plan: Plan) -> bool:
    """Whether the attack finds the crime of the engine broken in that way; says so."""
    breakage = BREAKAGES[name]
    for number in range(TRIES):
        broken = replace(plan, broken=name, engine=breakage.engine, seed=plan.seed + number)
        found = attack(broken).counts[breakage.crime]
        if found:
            print(f"{name:22} {breakage.engine:9} {found} {breakage.crime}", flush=True)
            return True
    print(f"{name:22} {breakage.engine:9} NOT CAUGHT: no {breakage.crime}", flush=True)
    return False


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    lines = [f"{name:16} {value}" for name, value in outcome.counts.items()]
    print(json.dumps(outcome.counts) if as_json else "\n".join(lines))
    for one in outcome.evidence:
        print(f"\n{one}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    any_seed = random.SystemRandom().randrange(10**6)
    parser.add_argument("--seed", type=int, default=any_seed, help="default: a random one")
    parser.add_argument("--seconds", type=float, help="of attack, before the truce")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--daemons", type=int, default=3, help="on PostgreSQL")
    parser.add_argument("--faults", type=int, default=0, help="go on until so many have hit")
    parser.add_argument("--speed", type=float, default=SPEED, help="of the clock")
    parser.add_argument("--logs", type=Path, help="a folder to leave the daemons' logs in")
    parser.add_argument("--breakage", choices=BREAKAGES, action="append", help="break it so")
    parser.add_argument("--prove", action="store_true", help="break it in every way, in turns")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
