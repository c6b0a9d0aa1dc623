"""An attack from beginning to end: open, break everything, make peace, wait, judge."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.chaos.accounts import PLATFORMS
from bench.chaos.evidence import Crime, evidence
from bench.chaos.nemesis import Nemesis
from bench.chaos.people import Desk, Office
from bench.chaos.stage import Stage
from bench.chaos.troubles import STORMS, TROUBLES
from bench.chaos.verdict import Trial, at_percent
from bench.chaos.witness import Public
from karnay.delivery.states import SETTLED, State
from karnay.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.chaos.evidence import Finding
    from bench.chaos.nemesis import Hand
    from bench.chaos.stage import Plan

JUMPS = (timedelta(hours=-1), timedelta(hours=-1), timedelta(seconds=-40), timedelta(seconds=5))
"""How far a clock is off for a while; coming right again is the jump the other way.

An hour ahead all that is queued would be due at once: that jump comes last, after the truce.
"""

LONGEST_PEACE = 150.0
"""Seconds of the world after the truce in which all deliveries must have come to rest."""

BROKEN_PEACE = 10.0
"""The same for an engine that was broken on purpose, which need not ever come to rest."""

_QUIET = 4.0  # seconds of the world after the truce before the clock jumps ahead


@dataclass(frozen=True)
class Outcome:
    """What an attack has shown."""

    plan: Plan
    counts: dict[str, Any]
    findings: Sequence[Finding]
    evidence: Sequence[str]

    @property
    def clean(self) -> bool:
        """Whether nothing happened that must never happen, and no daemon ended by itself."""
        return not self.findings and not self.counts["crashes"]


def attack(plan: Plan) -> Outcome:
    """Attack as planned."""
    with Stage(plan) as stage:
        assault = Assault(stage)
        assault.wage()
        assault.make_peace()
        return assault.judged()


class Assault:
    """One attack on a stage that is set."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        queue, seed = stage.room.queue, str(stage.plan.seed)
        self.desk = Desk(queue, stage.clock, f"{seed} desk")
        self.office = Office(queue, stage.clock)
        self.nemesis = Nemesis(seed)
        self._arm()

    def wage(self) -> None:
        """Break everything while work goes on."""
        self.stage.line.calm = self.stage.plan.sleeps_only
        self.desk.open()
        self.stage.machines.open()
        self.office.open()
        if not self.stage.plan.sleeps_only:
            self.nemesis.begin()
        end = time.monotonic() + self.stage.plan.seconds
        while time.monotonic() < end or self.faults().total() < self.stage.plan.faults:
            time.sleep(0.2)

    def make_peace(self) -> None:
        """Heal everything, let all deliveries come to rest, and answer what people are asked."""
        stage = self.stage
        self.nemesis.end()
        self.desk.close()
        stage.line.calm = True
        stage.machines.spare()
        while stage.line.busy:
            time.sleep(0.1)
        time.sleep(_QUIET)
        stage.clock.set_off(timedelta(hours=1))
        self._wait_for_rest()
        self.office.close()
        stage.machines.close()

    def judged(self) -> Outcome:
        """Compare, and count."""
        stage = self.stage
        public = Public.now(stage.networks)
        trial = Trial(self.desk.ordered, stage.room.queue, public, stage.line.witness, stage.clock)
        findings = trial.findings()
        shown = [evidence(finding, trial) for finding in findings[:_MOST_EVIDENCE]]
        shown += stage.machines.crashes
        return Outcome(stage.plan, self._counts(trial, findings), findings, shown)

    def faults(self) -> Counter[str]:
        """Every fault that has hit, by name."""
        machines = self.stage.machines
        outside = Counter({"kill": machines.kills, "stop": machines.stops})
        blows = self.nemesis.blows()
        for name in ("kill", "stop"):  # already counted where they hit
            del blows[name]
        return self.stage.line.witness.deeds() + outside + blows

    def _counts(self, trial: Trial, findings: Sequence[Finding]) -> dict[str, Any]:
        plan, faults = self.stage.plan, self.faults()
        states = Counter(one.state for one in trial.deliveries.values())
        crimes = Counter(finding.crime for finding in findings)
        cutting = [name for name, trouble in TROUBLES.items() if trouble.cuts]
        return {
            "engine": plan.engine,
            "seed": plan.seed,
            "deliveries": len(self.desk.ordered),
            "published": states[State.PUBLISHED],
            "failed": states[State.FAILED],
            **{crime.value: crimes[crime] for crime in Crime},
            "unknown_asked": len(self.office.asked),
            "kills": faults["kill"],
            "stops": faults["stop"],
            "cuts": sum(faults[name] for name in cutting),
            "faults": faults.total(),
            "p50_late_ms": round(at_percent(trial.lateness, 50)),
            "p99_late_ms": round(at_percent(trial.lateness, 99)),
            "crashes": len(self.stage.machines.crashes),  # of daemons, and of threads in them
            "by_fault": dict(faults.most_common()),
            "by_point": dict(sorted(self.stage.machines.met().items())),
        }

    def _arm(self) -> None:
        nemesis, machines = self.nemesis, self.stage.machines
        several = len(machines.all)
        nemesis.arm("kill", 8, lambda hand: machines.kill(hand.luck))
        nemesis.arm("stop", 8 / several, lambda hand: machines.stop(hand.luck))
        nemesis.arm("jump", 15, self._jump)
        nemesis.arm("storm", 3, self._storm)
        nemesis.arm("shut", 6, self._shut)
        self.stage.store.arm(nemesis, machines)

    def _jump(self, hand: Hand) -> None:
        self.stage.clock.set_off(hand.luck.choice(JUMPS))
        hand.rest(0.3, 1.5)
        self.stage.clock.set_off(timedelta())

    def _storm(self, hand: Hand) -> None:
        storms, platform = self.stage.line.storms, hand.luck.choice(PLATFORMS)
        storms[platform] = hand.luck.choice(STORMS)
        hand.rest(0.3, 2)
        del storms[platform]

    def _shut(self, hand: Hand) -> None:
        """Connections are refused, and those that stand are reset."""
        line, run = self.stage.line, self.stage.reactor.run
        run(line.shut())
        hand.rest(0.1, 1.5)
        run(line.open())

    def _wait_for_rest(self) -> None:
        end = time.monotonic() + (BROKEN_PEACE if self.stage.plan.broken else LONGEST_PEACE)
        while time.monotonic() < end and not self._at_rest():
            if not self._still_moving():
                self.office.settle(Public.now(self.stage.networks))
            time.sleep(0.3)

    def _at_rest(self) -> bool:
        return not self._still_moving() and not self.office.in_doubt()

    def _still_moving(self) -> bool:
        """Whether some delivery goes on by itself."""
        try:
            moving = self.stage.room.queue.all(states=set(State) - SETTLED)
        except StoreError:
            return True
        return any(one.state is not State.UNKNOWN or one.look_at for one in moving)


_MOST_EVIDENCE = 12
