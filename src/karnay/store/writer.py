"""Group commit: what many threads want to write goes to the disk together.

A commit costs a flush of the disk, whether it holds one write or a hundred. One thread therefore
writes for all: it takes what has gathered since its last commit, makes it one transaction, and
tells everybody when it is durable.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from karnay.errors import KarnayError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from karnay.store.bare import Bare
    from karnay.store.database import Database
    from karnay.store.statements import Answer, Statement

T = TypeVar("T")

if TYPE_CHECKING:
    Ask = tuple[Statement, dict[str, Any]]

    Writes = Generator[Sequence[Ask], Sequence[Any], T]
    """Asks some statements at a time, gets the Answer of each, and ends with a value.

    It may raise a KarnayError, before its first write, to refuse.
    """

    Work = Callable[[], Writes[T]]
    """Something to write, whole or not at all.

    It may be begun anew, when the transaction that it shared with others has failed.
    """

LARGEST_GROUP = 500
"""Works in one transaction; what waits longer than its turn is late."""

WRITER = "writer"
"""The name under which the thread gives signs of life."""

_IDLE = 5.0  # seconds without anything to write after which it gives one all the same


class Watcher(Protocol):
    """Whoever wants to know how the writer is."""

    def beat(self, name: str) -> None:
        """The thread of that name is alive."""
        ...

    def stored(self) -> None:
        """The database took what was written."""
        ...

    def store_refused(self, reason: str) -> None:
        """The database did not take what was to be written."""
        ...


class Unwatched:
    """Nobody wants to know."""

    def beat(self, name: str) -> None:
        """Tell nobody."""

    def stored(self) -> None:
        """Tell nobody."""

    def store_refused(self, reason: str) -> None:
        """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a work ended: with a value, or with an error for whoever asked for it."""

    value: Any = None
    error: BaseException | None = None

    def unwrap(self) -> Any:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        return self.value


class Alone:
    """Writes each work in a transaction of its own, in the thread that asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, work: Work[T]) -> T:
        """Do the work and commit it. Raises what it refuses with, and StoreError."""
        with self._database.bare() as bare:
            [outcome] = _together(bare, [work])
        value: T = outcome.unwrap()
        return value


class Writer:
    """One thread that writes for all others, as many works as have gathered in each commit."""

    def __init__(self, database: Database, watcher: Watcher | None = None) -> None:
        self._database = database
        self._watcher = watcher or Unwatched()
        self._inbox: SimpleQueue[tuple[Work[Any], SimpleQueue[Outcome]] | None] = SimpleQueue()
        self._bare: Bare | None = None
        self._thread = Thread(target=self._work, name=WRITER, daemon=True)
        self._closing = Lock()
        self._closed = False
        self._thread.start()

    def write(self, work: Work[T]) -> T:
        """Hand the work over, and return when it is durable.

        Raises what it refuses with, and StoreError where the database does.
        """
        answer: SimpleQueue[Outcome] = SimpleQueue()
        with self._closing:
            if self._closed:
                raise StoreError("the daemon has stopped: nothing is written any more")
            self._inbox.put((work, answer))
        value: T = answer.get().unwrap()
        return value

    def close(self) -> None:
        """Write what was handed over, and end."""
        with self._closing:
            self._closed = True
            self._inbox.put(None)
        self._thread.join()

    def _work(self) -> None:
        ended = False
        while not ended:
            self._watcher.beat(WRITER)
            group = self._gathered()
            ended = None in group
            asked = [one for one in group if one is not None]
            outcomes = self._written([work for work, _ in asked])
            for (_, answer), outcome in zip(asked, outcomes, strict=True):
                answer.put(outcome)
        self._let_go()

    def _gathered(self) -> list[tuple[Work[Any], SimpleQueue[Outcome]] | None]:
        group: list[tuple[Work[Any], SimpleQueue[Outcome]] | None] = []
        with contextlib.suppress(Empty):
            group.append(self._inbox.get(timeout=_IDLE))
            while len(group) < LARGEST_GROUP:
                group.append(self._inbox.get_nowait())
        return group

    def _written(self, works: list[Work[Any]]) -> Sequence[Outcome]:
        if not works:
            return []
        try:
            self._bare = self._bare or self._database.bare()
            outcomes = _together(self._bare, works)
            self._watcher.stored()
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear it
            self._let_go()
            self._watcher.store_refused(str(error))
            return [Outcome(error=error)] * len(works)
        return outcomes

    def _let_go(self) -> None:
        if self._bare is not None:
            self._bare.close()
            self._bare = None


def _together(bare: Bare, works: Sequence[Work[Any]]) -> Sequence[Outcome]:
    """Do all works in one transaction; where one spoils it for all, each in its own.

    Raises StoreError where the database itself cannot be used.
    """
    try:
        with bare.transaction():
            return _driven(bare, works)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - each is told what became of its own
        if len(works) == 1:
            return [Outcome(error=error)]
        return [outcome for work in works for outcome in _together(bare, [work])]


def _driven(bare: Bare, works: Iterable[Work[Any]]) -> list[Outcome]:
    """Let the works ask in turns, all of a turn in one exchange."""
    ended: dict[int, Outcome] = {}
    waiting: dict[int, tuple[Any, Sequence[Answer] | None]] = {
        place: (work(), None) for place, work in enumerate(works)
    }
    while waiting:
        asked: dict[int, tuple[Any, Sequence[Ask]]] = {}
        for place, (work, answers) in waiting.items():
            try:
                asked[place] = (work, work.send(answers))
            except StopIteration as end:
                ended[place] = Outcome(end.value)
            except KarnayError as refusal:
                ended[place] = Outcome(error=refusal)
        found = iter(bare.answers([ask for _, asks in asked.values() for ask in asks]))
        waiting = {
            place: (work, list(islice(found, len(asks)))) for place, (work, asks) in asked.items()
        }
    return [ended[place] for place in sorted(ended)]
