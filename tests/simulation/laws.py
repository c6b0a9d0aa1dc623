"""What must hold, after every step and at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from karnay.accounts import Account
from karnay.delivery.delivery import Delivery
from karnay.platforms.base import Effect, Step
from simulation.database import CheapDatabase
from simulation.networks import Post, Remote
from simulation.times import Times
from simulation.turns import in_hand

_NOTHING_THERE = ("failed", "cancelled")


class Broken(BaseException):
    """A law did not hold; nothing that outlives errors outlives this."""


@dataclass
class Laws:
    """Judges a world: `texts` are those of every delivery, `former` those before it was edited.

    What people have `given_up` may be there, and failed.
    """

    database: CheapDatabase
    remote: Remote
    times: Times
    texts: dict[int, list[str]] = field(default_factory=dict)
    former: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    given_up: set[int] = field(default_factory=set)

    def asked(self, step: Step, account: Account) -> None:
        """I3, I5, I7: a request leaves under the newest claim, its attempt on disk, not early."""
        delivery = in_hand()
        assert delivery is not None
        early = delivery.order.planned_at > self.times.latest
        require(not early, f"delivery {delivery.id} is sent before its time")
        found = self.database.ask(
            "SELECT d.fence, d.state, count(a.id) FROM deliveries d LEFT JOIN attempts a"
            " ON a.delivery = d.id AND a.step = ? AND a.fence = d.fence AND a.ended_at IS NULL"
            " WHERE d.id = ? GROUP BY d.id",
            step.name,
            delivery.id,
        )
        require(
            found == [(delivery.fence, "publishing", 1)],
            f"delivery {delivery.id}: a request for {step.name} leaves under fence"
            f" {delivery.fence}, the database says {found}",
        )
        self._in_order(step, account)

    def claimed(self, deliveries: list[Delivery]) -> None:
        """I7 and order: what is claimed is due, and nothing of its account waits before it."""
        for delivery in deliveries:
            now = self.times.now()
            require(delivery.due_at <= now, f"delivery {delivery.id} was claimed too early")
            before = self.database.ask(
                "SELECT b.id FROM deliveries a JOIN deliveries b ON a.account = b.account"
                " WHERE a.id = ? AND b.state = 'scheduled' AND b.held = ''"
                " AND (b.planned_at, b.id) < (a.planned_at, a.id)",
                delivery.id,
            )
            require(not before, f"delivery {delivery.id} was claimed before {before}")

    def landed(self, delivery: Delivery, fence: int) -> None:
        """I5: a write that landed was the newest claim's; and what it says is true."""
        require(
            delivery.fence == fence,
            f"delivery {delivery.id}: a write under fence {delivery.fence} landed at {fence}",
        )
        self.told_truly(delivery.id)

    def told_truly(self, delivery_id: int) -> None:
        """Published is there, failed or cancelled is not; nothing is there twice."""
        [[state, account]] = self.database.ask(
            "SELECT state, account FROM deliveries WHERE id = ?", delivery_id
        )
        parts = [self.remote.made(account, text) for text in self.texts[delivery_id]]
        require(all(len(there) <= 1 for there in parts), f"delivery {delivery_id} is there twice")
        former = [text for text in self.former[delivery_id] if self.remote.made(account, text)]
        require(not former, f"delivery {delivery_id} is there with words of before: {former}")
        got = self._receipts(delivery_id)
        if state == "published":
            self._is_there(delivery_id, parts, got)
        if state in _NOTHING_THERE and delivery_id not in self.given_up:
            unsaid = [there for number, there in enumerate(parts) if there and number not in got]
            require(not unsaid, f"delivery {delivery_id} is {state}, but {unsaid} is there")

    def hold(self) -> None:
        """What the triggers have seen."""
        seen = self.database.ask("SELECT what FROM seen")
        require(not seen, f"{seen[:1]}")

    def hold_at_the_end(self) -> None:
        """All of it, once everything has healed."""
        self.hold()
        for (delivery_id,) in self.database.ask("SELECT id FROM deliveries"):
            self.told_truly(delivery_id)

    def _in_order(self, step: Step, account: Account) -> None:
        """A part that replies to another replies to one that is public."""
        if step.effect is Effect.SAFE or "reply_to" not in step.call.body:
            return
        wanted = step.call.body["reply_to"]
        there = [post for post in self.remote.posts[account.name] if post.id == wanted]
        require(bool(there), f"{step.name} replies to {wanted}, which is not there")

    def _receipts(self, delivery_id: int) -> dict[int, str]:
        rows = self.database.ask(
            "SELECT step, remote_id FROM receipts WHERE delivery = ? AND step LIKE 'create-%'",
            delivery_id,
        )
        return {int(step.removeprefix("create-")) - 1: remote_id for step, remote_id in rows}

    def _is_there(self, delivery_id: int, parts: list[list[Post]], got: Mapping[int, str]) -> None:
        there = {number: post.id for number, posts in enumerate(parts) for post in posts}
        require(
            there == got and len(there) == len(parts),
            f"delivery {delivery_id} is published with {got}, but {there} is there",
        )


def require(holds: bool, sentence: str) -> None:
    """Raise Broken, with the sentence, where it does not hold."""
    if not holds:
        raise Broken(sentence)
