"""A world: daemons, people and networks, on a random walk that a seed repeats."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from karnay.accounts import Account
from karnay.engine.publisher import Publisher
from karnay.errors import StoreError
from karnay.store.journal import Journal
from karnay.store.queue import Queue
from simulation.daemons import Daemon, Office, Trouble, Written
from simulation.database import CheapDatabase
from simulation.laws import Broken, Laws, require
from simulation.networks import BAD, GOOD, NETWORKS, SECOND, Line, Remote, an_account
from simulation.people import MINUTE, People
from simulation.times import Times
from simulation.turns import Thread

EACH = 8  # accounts on each network
MOST_DAEMONS = 3
HASTE = 0.85  # how much of what happens is a thread that goes on
REMEMBERED = 60  # steps that a broken law is told with


@dataclass(frozen=True)
class Making:
    """What the world is made of: the product's own classes, or ones with a bug."""

    publisher: type[Publisher] = Publisher
    journal: type[Journal] = Journal
    line: type[Line] = Line
    queue: type[Queue] = Queue


SOUND = Making()


class World:
    """Everything, at its beginning; `walk` it, then `heal` it."""

    def __init__(
        self,
        seed: int,
        database: CheapDatabase,
        making: Making = SOUND,
        *,
        accounts: Mapping[str, Account] | None = None,
    ) -> None:
        self.seed = seed
        self.luck = Random(seed)  # noqa: S311 - a walk that can be repeated
        self.story: deque[tuple[object, ...]] = deque(maxlen=REMEMBERED)
        self.tally: Counter[str] = Counter()
        self.times = Times()
        self.remote = Remote(self.times, self.luck)
        self.database = database
        database.clear()
        self.laws = Laws(database, self.remote, self.times)
        self.remote.asked = self.laws.asked
        self.trouble = Trouble(self.luck)
        self.alone = self.luck.random() < 0.4
        self.accounts = accounts or self._some_accounts()
        self.office = Office(
            database,
            self.remote,
            self.times,
            self.luck,
            self.accounts,
            Written(database, self.trouble, self.laws.landed),
            making.publisher,
            making.journal,
            making.line,
        )
        self.people = People(
            making.queue(database, "nilufar"),
            database,
            self.laws,
            self.remote,
            self.times,
            self.luck,
            self.accounts,
            self.story.append,
        )
        self.daemons: list[Daemon] = []
        self._weights = self._chosen_weights()

    def _some_accounts(self) -> dict[str, Account]:
        names = [(f"{kind}-{number}", kind) for kind in NETWORKS for number in range(EACH)]
        return {name: an_account(name, kind, self._gap()) for name, kind in names}

    def _gap(self) -> timedelta:
        return self.luck.choice([timedelta(), timedelta(), 90 * SECOND])

    def _chosen_weights(self) -> dict[Callable[[], None], float]:
        """Every walk has its own mixture: some never kill, some do little else."""
        weights: dict[Callable[[], None], float] = {
            self.daemon_claims: 3,
            self.daemon_looks: 2,
            self.daemon_renews: 1,
            self.daemon_recovers: 0.5,
            self.daemon_is_killed: self.luck.choice([0, 0.5, 1, 3]),
            self.daemon_sleeps: self.luck.choice([0, 0.2, 1]),
            self.daemon_wakes: 0.5,
            self.daemon_stops: self.luck.choice([0, 0.3, 1]),
            self.daemon_starts: 4,
            self.seconds_pass: 3,
            self.minutes_pass: self.luck.choice([0, 0.3, 1]),
            self.clock_is_set_back: self.luck.choice([0, 0, 0.2]) if self.alone else 0,
            self.people.add: 2,
            self.people.act: self.luck.choice([0, 1, 4]),
            self.weather_changes: 0.3,
        }
        return {action: weight for action, weight in weights.items() if weight}

    def walk(self, steps: int) -> None:
        """Take so many steps; raises Broken, with the seed and the story, when a law breaks."""
        actions, weights = list(self._weights), list(self._weights.values())
        try:
            for action in self.luck.choices(actions, weights, k=steps):
                busy = any(daemon.threads for daemon in self.daemons if not daemon.asleep)
                hurries = busy and self.luck.random() < HASTE
                self.step(self.thread_goes_on if hurries else action)
        except Broken as broken:
            raise self._told(broken) from None

    def step(self, action: Callable[[], None]) -> None:
        """Do it, and judge."""
        self.story.append((self.times.now().time(), action.__name__))
        try:
            action()
        except StoreError:
            self.story.append(("the database refuses",))
        self.laws.hold()

    # what threads and daemons do

    def thread_goes_on(self) -> None:
        daemon = self._one_awake()
        if daemon is None or not daemon.threads:
            return
        thread = self.luck.choice(daemon.threads)
        self.advance(daemon, thread)
        if thread.ended:
            daemon.threads.remove(thread)

    def advance(self, daemon: Daemon, thread: Thread) -> None:
        """Let the thread go on to its next turn."""
        self.tally["turns"] += 1
        before = thread.at
        thread.go_on()
        delivery = thread.delivery and thread.delivery.id
        self.story.append(("", daemon.name, "delivery", delivery, before, "->", thread.at))
        if thread.ended:
            self._judge_end(thread)

    def _judge_end(self, thread: Thread) -> None:
        if isinstance(thread.error, Broken):
            raise thread.error
        foreseen = thread.error is None or isinstance(thread.error, StoreError)
        require(foreseen, f"a thread ended in {thread.error!r}")

    def daemon_claims(self) -> None:
        self._with_one_up(lambda daemon: daemon.claim())

    def daemon_looks(self) -> None:
        self._with_one_up(lambda daemon: daemon.look())

    def daemon_renews(self) -> None:
        self._with_one_up(lambda daemon: daemon.renew())

    def daemon_recovers(self) -> None:
        self._with_one_up(lambda daemon: daemon.recover())

    def daemon_is_killed(self) -> None:
        if self.daemons:
            daemon = self.luck.choice(self.daemons)
            self.daemons.remove(daemon)
            for thread in daemon.threads:
                self.tally[f"killed: {thread.at}"] += thread.delivery is not None
            self.tally["crashes"] += daemon.die()

    def daemon_sleeps(self) -> None:
        daemon = self._one_awake()
        if daemon is not None:
            daemon.asleep = True

    def daemon_wakes(self) -> None:
        for daemon in self.daemons:
            daemon.asleep = False

    def daemon_stops(self) -> None:
        daemon = self._one_awake()
        if daemon is not None:
            daemon.stopping = True

    def daemon_starts(self) -> None:
        self.daemons = [daemon for daemon in self.daemons if daemon.threads or not daemon.stopping]
        if len(self.daemons) < (1 if self.alone else MOST_DAEMONS):
            self.tally["starts"] += 1
            name = f"daemon-{self.tally['starts']}"
            made = Daemon(self.office, name, self.laws.claimed, alone=self.alone)
            self.daemons.append(made)

    # what the world does

    def seconds_pass(self) -> None:
        self.times.go_by(self.luck.random() * 20 * SECOND)

    def minutes_pass(self) -> None:
        self.times.go_by(self.luck.random() * 10 * MINUTE)

    def clock_is_set_back(self) -> None:
        self.times.set_back(self.luck.random() * 60 * MINUTE)

    def weather_changes(self) -> None:
        self.remote.mood = self.luck.choice([GOOD, BAD, BAD])
        self.trouble.before = self.luck.choice([0, 0, 30])
        self.trouble.after = self.luck.choice([0, 0, 30])

    # healing

    def heal(self) -> None:
        """Let everything be well again; raises Broken where something does not settle."""
        try:
            self._heal()
        except Broken as broken:
            raise self._told(broken) from None

    def _heal(self) -> None:
        for daemon in self.daemons:
            daemon.die()
        self.daemons = []
        self.remote.mood, self.trouble.before, self.trouble.after = GOOD, 0, 0
        self.remote.moods.clear()
        self.times.go_by(10 * MINUTE)  # whatever was under way has happened
        self.daemon_starts()
        [daemon] = self.daemons
        for _ in range(200):
            self._settle(daemon)
            if not self._unsettled():
                break
            self.people.help()
            self._wait_for(daemon.journal.next_moment())
        require(not self._unsettled(), f"never settled: {self._unsettled()}")
        self.laws.hold_at_the_end()

    def _wait_for(self, moment: datetime | None) -> None:
        """Until something is to be done next, or for a while."""
        now = self.times.now()
        self.times.go_by(max(2 * MINUTE, (moment or now) - now))

    def _settle(self, daemon: Daemon) -> None:
        for work in (daemon.recover, daemon.claim, daemon.look):
            work()
            while daemon.threads:
                for thread in list(daemon.threads):
                    thread.go_on()
                    if thread.ended:
                        self._judge_end(thread)
                daemon.tidy()
        self.laws.hold()

    def _unsettled(self) -> list[tuple[object, ...]]:
        return self.database.ask(
            "SELECT id, state, account, due_at, look_at, held FROM deliveries"
            " WHERE state IN ('scheduled', 'publishing', 'unknown')"
        )

    def _one_awake(self) -> Daemon | None:
        awake = [daemon for daemon in self.daemons if not daemon.asleep]
        return self.luck.choice(awake) if awake else None

    def _with_one_up(self, work: Callable[[Daemon], None]) -> None:
        daemon = self._one_awake()
        if daemon is not None and daemon.is_up:
            work(daemon)

    def _told(self, broken: Broken) -> Broken:
        lines = [" ".join(str(word) for word in line) for line in self.story]
        return Broken(
            f"{broken}\nseed {self.seed}, alone: {self.alone}; the last steps were:\n"
            + "\n".join(lines)
        )
