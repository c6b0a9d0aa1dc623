"""The people of a world: they queue, edit, cancel, move, pause, resolve, give up and want again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from builders import an_order
from karnay.accounts import Account
from karnay.content.post import Late
from karnay.delivery.states import Event
from karnay.errors import KarnayError, StoreError
from karnay.rendering.variant import Part
from karnay.store.queue import Queue
from karnay.text.richtext import RichText
from simulation.database import CheapDatabase
from simulation.laws import Laws
from simulation.networks import SECOND, Remote
from simulation.times import Times

MINUTE = timedelta(minutes=1)


@dataclass
class People:
    """All of them, at one desk; `tell` is told of what they did, for the story."""

    queue: Queue
    database: CheapDatabase
    laws: Laws
    remote: Remote
    times: Times
    luck: Random
    accounts: Mapping[str, Account]
    tell: Callable[[tuple[object, ...]], None]
    posts: int = 0

    def add(self) -> None:
        self.posts += 1
        account = self.luck.choice(list(self.accounts.values()))
        post, parts = f"post-{self.posts}", self.luck.choice([1, 1, 2, 3])
        texts = [f"{post}, part {number + 1}" for number in range(parts)]
        planned_at = self.times.now() + self.luck.randrange(-30, 300) * SECOND
        terms = {
            "platform": account.platform,
            "planned_at": planned_at,
            "late": self.luck.choice([Late.PUBLISH, Late.PUBLISH, Late.HOLD, Late.SKIP]),
            "max_late": 10 * MINUTE,
            "expires_at": self.luck.choice([None, None, planned_at + 20 * MINUTE]),
        }
        order = an_order(*texts, account=account.name, post=post, **terms)
        [added] = self.queue.add([order], self.times.now())
        self.laws.texts[added.id] = texts

    def act(self) -> None:
        ids = self._under_way() or list(self.laws.texts)
        if not ids:
            return
        delivery_id, account = self.luck.choice(ids), self.luck.choice(list(self.accounts))
        now = self.times.now()
        what: Callable[[], object] = self.luck.choice(
            [
                *(2 * [lambda: self.queue.cancel(delivery_id, now)]),
                *(2 * [lambda: self.edit(delivery_id)]),
                lambda: self.queue.add([self.queue.get(delivery_id).order], now),
                lambda: self.queue.retry(delivery_id, now),
                lambda: self.queue.move(delivery_id, self._later(now), now),
                lambda: self.queue.pause([account], "a holiday", now),
                lambda: self.queue.resume([account], now),
                lambda: self.queue.resume(list(self.accounts), now),
                lambda: self.resolve(delivery_id),
                self.resolve_any,
                self.give_up_any,
                self.change_a_mind,
            ]
        )
        try:
            what()
            self.tell(("done to", delivery_id, "or", account))
        except StoreError:
            raise
        except KarnayError:
            return
        self.laws.told_truly(delivery_id)

    def _under_way(self) -> list[int]:
        """What has been claimed before and waits again, half of the time: there it is delicate."""
        if self.luck.random() < 0.5:
            return []
        again = "SELECT id FROM deliveries WHERE state = 'scheduled' AND fence > 0"
        return [delivery_id for (delivery_id,) in self.database.ask(again)]

    def edit(self, delivery_id: int) -> None:
        """Queue it again, with other words; what was given up may be public, and stays so."""
        if delivery_id in self.laws.given_up:
            return
        order = self.queue.get(delivery_id).order
        texts = self.laws.texts[delivery_id]
        edited = [f"{text} again" for text in texts]
        parts = tuple(Part(RichText(text)) for text in edited)
        other = replace(order, variant=replace(order.variant, parts=parts))
        self.queue.add([other], self.times.now())
        self.laws.texts[delivery_id] = edited
        self.laws.former[delivery_id] += texts

    def give_up_any(self) -> None:
        """A person does not want it any more, whether it is there or not."""
        unknown = self.database.ask("SELECT id FROM deliveries WHERE state = 'unknown'")
        if unknown:
            [given_up] = self.luck.choice(unknown)
            self.queue.resolve(given_up, Event.GIVEN_UP, self.times.now())
            self.laws.given_up.add(given_up)

    def change_a_mind(self) -> None:
        """A person wants what was given up after all."""
        if self.laws.given_up:
            self.queue.retry(self.luck.choice(sorted(self.laws.given_up)), self.times.now())

    def resolve_any(self) -> None:
        asked = self._asked()
        if asked:
            self.resolve(self.luck.choice(asked))

    def _asked(self) -> list[int]:
        """The deliveries that wait for a person."""
        waiting = "SELECT id FROM deliveries WHERE state = 'unknown' AND look_at IS NULL"
        return [delivery_id for (delivery_id,) in self.database.ask(waiting)]

    def resolve(self, delivery_id: int) -> None:
        """A person who waits long enough looks, and says what is there."""
        link = self.link(delivery_id)
        if link is None:
            return
        event = Event.FOUND if link else Event.ABSENT
        self.queue.resolve(delivery_id, event, self.times.now(), link)
        self.tell(("said of", delivery_id, event))

    def link(self, delivery_id: int) -> str | None:
        """Where the part in doubt is; empty: nowhere. None: it may still come, or nobody asked."""
        [[state, account]] = self.database.ask(
            "SELECT state, account FROM deliveries WHERE id = ?", delivery_id
        )
        if state != "unknown":
            return None
        got = self.database.ask(
            "SELECT count(*) FROM receipts WHERE delivery = ? AND step LIKE 'create-%'",
            delivery_id,
        )
        text = self.laws.texts[delivery_id][got[0][0]]
        there = self.remote.made(account, text)
        if not there:
            return ""
        return f"https://x.example/{there[0].id}" if self.remote.is_public(there[0]) else None

    def help(self) -> None:
        """A person resumes what is paused, moves what is held, and answers what is asked."""
        paused = [
            name for (name,) in self.database.ask("SELECT name FROM accounts WHERE paused <> ''")
        ]
        self.queue.resume(paused, self.times.now())
        for (held,) in self.database.ask(
            "SELECT id FROM deliveries WHERE state = 'scheduled' AND held <> ''"
        ):
            self.queue.move(held, self.times.now(), self.times.now())
        self.answer()

    def answer(self) -> None:
        """Whatever waits for a person is looked for by one."""
        for asked in self._asked():
            self.resolve(asked)

    def _later(self, now: datetime) -> datetime:
        return now + self.luck.randrange(600) * SECOND
