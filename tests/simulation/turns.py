"""Taking turns: threads that run one at a time, and stop wherever another could be faster.

Each thread of a simulated process is a greenlet. At every turn it gives way to the walk, which
lets it go on, lets others go first, or has it die right there.
"""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent, greenlet

from karnay.delivery.delivery import Delivery


class Died(BaseException):
    """The process was killed."""


class Thread(greenlet):
    """Something that a process does; `at` is where it stands, `delivery` what it has in hand."""

    def __init__(self, work: Callable[[], object], delivery: Delivery | None = None) -> None:
        super().__init__(self._run)
        self._work = work
        self.delivery = delivery
        self.holds = delivery is not None  # and shows that it does; a recovery does not
        self.at = "not begun"
        self.error: BaseException | None = None

    def go_on(self) -> None:
        """Go on to the next turn, or to the end."""
        self.at = self.switch() or "ended"

    def die(self) -> None:
        """End where it stands: nothing that follows happens."""
        if self:  # it has begun, and has not ended
            self.throw(Died)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to do."""
        return self.dead

    def _run(self) -> str:
        try:
            self._work()
        except Died:
            return "dead"
        except BaseException as error:  # noqa: BLE001 - the walk judges what it may be
            self.error = error
        return "ended"


def turn(where: str) -> None:
    """Let others go first; whoever is no simulated thread goes on at once."""
    current = getcurrent()
    if isinstance(current, Thread):
        current.parent.switch(where)


def in_hand() -> Delivery | None:
    """What the thread that runs just now has in hand."""
    current = getcurrent()
    return current.delivery if isinstance(current, Thread) else None
