"""The front door: all that CLI, daemon and scripts can do with a workspace, in one class."""

from __future__ import annotations

import contextlib
import getpass
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from karnay import settings
from karnay.clock import SystemClock
from karnay.content.known import Known
from karnay.content.library import Library
from karnay.delivery.delivery import Delivery, Order
from karnay.delivery.states import State
from karnay.errors import (
    InvalidPost,
    KarnayError,
    NotFound,
    NotPossible,
    did_you_mean,
)
from karnay.media.cabinet import Cabinet
from karnay.platforms.base import cost_of
from karnay.platforms.logins import OAuth, login_of
from karnay.platforms.registry import platform, platforms
from karnay.previews import Preview
from karnay.rendering.describing import NoPages
from karnay.rendering.render import options_of, render
from karnay.rendering.templates import Templates
from karnay.scheduling.timetable import AS_THE_POST_SAYS, NEXT, Timetable, When
from karnay.scheduling.wallclock import BadTime
from karnay.store.audit import DAEMON
from karnay.store.clock import DatabaseClock
from karnay.store.database import Database
from karnay.store.edits import Edits
from karnay.store.figures import Figures
from karnay.store.queue import Queue
from karnay.store.sealing import Keys
from karnay.store.takedowns import Takedowns
from karnay.store.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from karnay.accounts import Account
    from karnay.clock import Clock
    from karnay.content.post import Post
    from karnay.engine.counting import Counter
    from karnay.engine.daemon import Daemon, Tempos
    from karnay.engine.editing import Editor
    from karnay.engine.login import LogIn
    from karnay.engine.publisher import Point
    from karnay.engine.removing import Remover
    from karnay.engine.vitals import Vitals
    from karnay.errors import Problem
    from karnay.media.darkroom import Darkroom
    from karnay.platforms.base import Identity
    from karnay.platforms.wire import Transport, Wire
    from karnay.rendering.describing import Pages
    from karnay.rendering.limits import Limits
    from karnay.rendering.variant import Rendering, Variant
    from karnay.store.accounts import AccountState
    from karnay.store.vault import Ending


class Newsroom:
    """One workspace and everything that can be done with it.

    Reading posts and wording them touches no database; whatever needs one opens it, and brings
    its schema up to date. `transport` stands in for the networks in tests.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.configuration = settings.load(folder, self._kept)
        self.clock = clock or SystemClock()
        self._transport = transport

    def reread(self) -> None:
        """Read karnay.toml again; the database stays the one that is open.

        Raises BadConfiguration, and then all is as it was.
        """
        self.configuration = settings.load(self.configuration.folder, self._kept)
        for made_of_it in ("library", "templates"):
            vars(self).pop(made_of_it, None)

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if "database" in vars(self):
            self.database.close()

    @cached_property
    def library(self) -> Library:
        """The workspace's posts."""
        configuration = self.configuration
        known = Known(
            accounts=frozenset(configuration.accounts),
            groups=frozenset(configuration.groups),
            platforms={name: found.options for name, found in platforms().items()},
            languages=configuration.languages,
        )
        return Library(configuration.posts, known)

    @cached_property
    def templates(self) -> Templates:
        """The workspace's templates before the packaged ones."""
        folder = self.configuration.templates
        return Templates(folder if folder.is_dir() else None)

    @property
    def cabinet(self) -> Cabinet:
        """Where the files are that deliveries carry."""
        return Cabinet(self.configuration.media)

    @cached_property
    def darkroom(self) -> Darkroom:
        """Where files are made ready; it knows the way to the cabinet alone."""
        from karnay.media.darkroom import Darkroom  # noqa: PLC0415 - Pillow, when needed

        return Darkroom(self.cabinet)

    @cached_property
    def pages(self) -> Pages:
        """Where it is read what pages say of themselves, for the cards of links to them."""
        if not self.configuration.cards or self._transport is not None:
            return NoPages()
        from karnay.cards.cards import Cards  # noqa: PLC0415 - httpcore, when needed

        return Cards(self.cabinet, self.clock)

    @cached_property
    def database(self) -> Database:
        """The store, opened at first use."""
        return Database(self.configuration.database, self.configuration.folder)

    def log_ins(self, name: str) -> list[Ending]:
        """What the vault knows of the log-ins that the account's table refers to."""
        known, account = self.endings(), self.configuration.accounts[name]
        return [known[at] for at in account.vault_names if at in known]

    def lacking(self, name: str) -> list[str]:
        """The permissions that the account's log-in should have and was not given, if told so."""
        account = self.configuration.accounts[name]
        login = login_of(platform(account.platform), account)
        kept_as = login.kept_as(account) if isinstance(login, OAuth) else None
        if not isinstance(login, OAuth) or kept_as is None or kept_as not in self.endings():
            return []
        return login.lacking(self.vault.tokens(kept_as))

    @property
    def vault(self) -> Vault:
        """Where log-ins are kept, sealed; opens the store when it is used."""
        return Vault(lambda: self.database, Keys(self.configuration.vault_key))

    def endings(self) -> Mapping[str, Ending]:
        """When each log-in that the vault keeps ends, by name; nothing where there is no store."""
        return self.vault.endings() if self._has_store() else {}

    @cached_property
    def queue(self) -> Queue:
        """The queue, as people see it."""
        return Queue(self.database, getpass.getuser())

    @cached_property
    def takedowns(self) -> Takedowns:
        """What was taken down of what was published."""
        return Takedowns(self.database, getpass.getuser())

    @cached_property
    def edits(self) -> Edits:
        """What published deliveries were changed to say."""
        return Edits(self.database, getpass.getuser())

    @cached_property
    def figures(self) -> Figures:
        """How what was published is received."""
        return Figures(self.database)

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts of karnay.toml, with what their networks told of them."""
        known = self.account_states()
        return {
            name: replace(account, facts=known[name].facts) if name in known else account
            for name, account in self.configuration.accounts.items()
        }

    def account_states(self) -> Mapping[str, AccountState]:
        """What the store remembers of the accounts; nothing where there is no store yet."""
        return self.queue.accounts() if self._has_store() else {}

    def require(self, names: Iterable[str]) -> None:
        """Raise NotFound, with the nearest name, for the first that is no account."""
        known = self.configuration.accounts
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known)
                raise NotFound(f'there is no account "{name}" in karnay.toml.{hint}')

    def recipients(self, post: Post, only: Collection[str] = ()) -> list[Account]:
        """The accounts that the post goes to or, of these, those named. Raises NotFound."""
        accounts, configuration = self.accounts, self.configuration
        names = self._expanded(post.to or configuration.to or tuple(accounts))
        self.require(only)
        wanted = [name for name in names if name in only] if only else names
        if only and not wanted:
            raise NotFound(f"{post.slug} does not go to {', '.join(only)}: see its `to`")
        return [accounts[name] for name in wanted]

    def preview(
        self, post: Post, *, only: Collection[str] = (), when: When = AS_THE_POST_SAYS
    ) -> list[Preview]:
        """What each account will get, and the exact requests.

        The moment that the requests bear is the queued delivery's, else the one asked for, else
        the post's own; where none of them is known yet, the next whole hour stands for it.
        """
        queued = self._queued(post, set(State) - {State.CANCELLED})
        return [
            self._previewed(post, account, queued.get(account.name), when)
            for account in self.recipients(post, only)
        ]

    def check(self, post: Post) -> list[Problem]:
        """All that is wrong with the post, for all its accounts; warnings among them."""
        problems = [*post.warnings, *self._timetable.problems(post)]
        for shown in self.preview(post):
            problems += shown.rendering.problems
        return sorted(dict.fromkeys(problems))

    def enqueue(
        self,
        post: Post,
        *,
        only: Collection[str] = (),
        when: When = AS_THE_POST_SAYS,
        again: bool = False,
    ) -> list[Delivery]:
        """Queue the post for its accounts, all or none. `again` posts once more what was posted.

        Raises InvalidPost with every problem that would keep it from being sent.
        """
        orders = self.orders(post, only=only, when=when, again=again)
        return self.queue.add(orders, self.clock.now())

    def orders(
        self,
        post: Post,
        *,
        only: Collection[str] = (),
        when: When = AS_THE_POST_SAYS,
        again: bool = False,
    ) -> list[Order]:
        """What `enqueue` would queue, checked and with its moments; changes nothing."""
        _require_no_draft(post)
        recipients = self._still_to_send(post, self.recipients(post, only), again=again)
        renderings = {account.name: self._rendered(post, account) for account in recipients}
        problems = [error for one in renderings.values() for error in one.errors]
        moments = self._moments(post, recipients, when, problems)
        if problems:
            raise InvalidPost(dict.fromkeys(problems))
        occurrence = self._next_occurrence(post) if again else ""
        expires_at = self._timetable.resolved(post, post.expires_at)
        return [
            Order(
                post=post.slug,
                variant=rendering.variant,
                planned_at=moments[name],
                expires_at=expires_at,
                late=post.late,
                max_late=post.max_late,
                occurrence=occurrence,
            )
            for name, rendering in renderings.items()
        ]

    def edited(self, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        """Those scheduled deliveries whose post would be worded differently today.

        One whose account is no longer in karnay.toml is worded for nobody: it is not among them.
        """
        accounts = self.accounts
        for delivery in deliveries:
            account = accounts.get(delivery.account)
            if account is None or delivery.state is not State.SCHEDULED:
                continue
            if self._differs(delivery, account):
                yield delivery

    def reworded(self, delivery: Delivery) -> Variant:
        """What the delivery would say by its post's files as they are today.

        Raises InvalidPost, NotFound where post or account are there no more, NotPossible for a
        draft.
        """
        self.require([delivery.account])
        post = self.library.load(delivery.order.post)
        _require_no_draft(post)
        rendering = self._rendered(post, self.accounts[delivery.account])
        if rendering.errors:
            raise InvalidPost(rendering.errors)
        return rendering.variant

    def ask(self, name: str) -> Identity:
        """Ask the network who the account is, and keep what it says of itself and its limits.

        An account that was paused because it could not publish is resumed. Raises
        PublishingError, NotFound.
        """
        self.require([name])
        with self._wired() as wire:
            identity = platform(self.accounts[name].platform).identify(self.accounts[name], wire)
        self._learn(name, identity)
        return identity

    @contextlib.contextmanager
    def log_in(self, name: str) -> Iterator[LogIn]:
        """A log-in to the account, to be carried out by the caller and ended by `admit`.

        Raises NotFound, NotPossible where its platform has none, BadConfiguration where karnay.toml
        has the secret elsewhere.
        """
        from karnay.engine.login import LogIn  # noqa: PLC0415 - oauthlib, only when needed

        self.require([name])
        account = self.accounts[name]
        login = login_of(platform(account.platform), account)
        if login is None:
            raise NotPossible(
                f"{account.platform} has no log-in: write references into karnay.toml"
            )
        with self._wired() as wire:
            log_in = LogIn(account, login, self.vault, wire)
            log_in.require_vault()
            yield log_in

    def admit(self, log_in: LogIn) -> Identity:
        """Keep the log-in if the network knows us by it. Raises PublishingError, and keeps nothing.

        An account that was paused because it could not publish is resumed.
        """
        identity = log_in.identify()
        log_in.keep()
        self._learn(log_in.account.name, identity)
        return identity

    @contextlib.contextmanager
    def remover(self) -> Iterator[Remover]:
        """What takes down what was published, as long as the networks are needed for it."""
        from karnay.engine.removing import Remover  # noqa: PLC0415 - when needed

        with self._wired() as wire:
            yield Remover(self.takedowns, self.accounts, self.clock, wire)

    @contextlib.contextmanager
    def editor(self) -> Iterator[Editor]:
        """What changes what was published, as long as the networks are needed for it."""
        from karnay.engine.editing import Editor  # noqa: PLC0415 - when needed

        with self._wired() as wire:
            yield Editor(self.database, self.edits, self.takedowns, self.accounts, self.clock, wire)

    @contextlib.contextmanager
    def counter(self) -> Iterator[Counter]:
        """What asks how posts are received, as long as the networks are needed for it."""
        from karnay.engine.counting import Counter  # noqa: PLC0415 - when needed

        with self._wired() as wire:
            yield Counter(self.figures, self.takedowns, self.accounts, self.clock, wire)

    def _wired(self) -> Wire:
        from karnay.platforms.wire import Wire  # noqa: PLC0415 - httpx, only when needed

        return Wire(self.clock, transport=self._transport)

    def _learn(self, name: str, identity: Identity) -> None:
        self.queue.learn(name, identity.facts, self.clock.now())
        if self.account_states()[name].paused_by == DAEMON:
            self.queue.resume([name], self.clock.now())

    def _kept(self, name: str) -> str:
        return self.vault.secret(name)

    def daemon(
        self,
        *,
        only: Collection[int] | None = None,
        passing: Callable[[Point], None] = lambda _: None,
        vitals: Vitals | None = None,
        tempos: Tempos | None = None,
    ) -> Daemon:
        """A daemon for this workspace, not yet started; hold `sole_daemon` while it runs.

        `vitals` is told how it all goes. Seams for tests: `passing` is told of every point that a
        worker passes, `tempos` are for a clock that is faster than the machine's.
        """
        from karnay.engine import daemon  # noqa: PLC0415 - APScheduler, when needed
        from karnay.engine.vitals import Vitals  # noqa: PLC0415 - Prometheus, when needed

        means = daemon.Means(
            self.database,
            self.accounts,
            self.deciding_clock,
            self._transport,
            passing=passing,
            vitals=vitals or Vitals(),
            tempos=tempos or daemon.Tempos(),
            files=self.cabinet,
            vault=self.vault,
        )
        return daemon.Daemon(means, only=only)

    def daemon_runs(self) -> bool:
        """Whether a daemon is alive on this workspace's database."""
        from karnay.engine.lock import daemon_runs  # noqa: PLC0415 - when asked

        return daemon_runs(self.configuration.lock_folder)

    @cached_property
    def deciding_clock(self) -> Clock:
        """By which deliveries are due: the database server's, where several machines must agree."""
        if self.database.is_local or not isinstance(self.clock, SystemClock):
            return self.clock
        return DatabaseClock(self.database)

    @property
    def _timetable(self) -> Timetable:
        return Timetable(self.clock.now(), self.configuration.timezone)

    def _has_store(self) -> bool:
        file = self.configuration.database_file
        return file is None or file.exists()

    def _expanded(self, names: Iterable[str]) -> list[str]:
        groups = self.configuration.groups
        expanded = (groups[name[1:]] if name.startswith("@") else (name,) for name in names)
        return list(dict.fromkeys(name for members in expanded for name in members))

    def _previewed(self, post: Post, account: Account, queued: Order | None, when: When) -> Preview:
        limits, rendering = self._limits(post, account), self._rendered(post, account)
        planned_at = queued.planned_at if queued else when.moment
        moment = planned_at or self._timetable.likely(post, account, when)
        bears_at = queued.bears_at if queued else None
        order = Order(post.slug, rendering.variant, moment, bears_at=bears_at)
        network = platform(account.platform)
        steps = network.plan(rendering.variant, account, order.key) if rendering.sendable else []
        cost = cost_of(network, rendering.variant, account)
        return Preview(post.slug, account, rendering, limits, tuple(steps), moment, cost)

    def _rendered(self, post: Post, account: Account, pages: Pages | None = None) -> Rendering:
        return render(
            post,
            account,
            self._limits(post, account),
            templates=self.templates,
            darkroom=self.darkroom,
            pages=pages or self.pages,
        )

    @staticmethod
    def _limits(post: Post, account: Account) -> Limits:
        has_media = any(wording.media for wording in post.wordings.values())
        options = options_of(post, account)
        return platform(account.platform).limits(account, media=has_media, options=options)

    def _queued(self, post: Post, states: Collection[State]) -> dict[str, Order]:
        """What is asked for in each account's delivery in one of these states."""
        found = self.queue.all(posts=[post.slug], states=states) if self._has_store() else []
        return {one.account: one.order for one in found}

    def _moments(
        self, post: Post, recipients: list[Account], when: When, problems: list[Problem]
    ) -> dict[str, datetime]:
        """When each is due: where neither post nor person says, as it is queued already."""
        keeps = when is AS_THE_POST_SAYS and not post.publish_at
        queued = self._queued(post, [State.SCHEDULED]) if keeps else {}
        moments = {name: order.planned_at for name, order in queued.items()}
        for account in (one for one in recipients if one.name not in moments):
            try:
                moments[account.name] = self._moment(post, account, when)
            except (BadTime, NotPossible) as error:
                problems.append(self._timetable.refusal(post, when, error))
        problems += self._timetable.problems(post, moments.values())
        return moments

    def _moment(self, post: Post, account: Account, when: When) -> datetime:
        by_slot = when.next_slot or post.publish_at == NEXT
        taken = self._taken(account) if by_slot else ()
        return self._timetable.moment(post, account, when, taken)

    def _taken(self, account: Account) -> set[datetime]:
        scheduled = self.queue.all(states=[State.SCHEDULED])
        return {one.order.planned_at for one in scheduled if one.account == account.name}

    def _still_to_send(
        self, post: Post, recipients: list[Account], *, again: bool
    ) -> list[Account]:
        """Those accounts to which the post is not published yet; all of them where none is left."""
        if not recipients:
            raise NotPossible("there is no account to publish to: `karnay accounts add NAME ...`")
        if again:
            return recipients
        gone = {State.PUBLISHED, State.PUBLISHING, State.UNKNOWN}
        done = {one.account for one in self.queue.all(posts=[post.slug], states=gone)}
        return [account for account in recipients if account.name not in done] or recipients

    def _next_occurrence(self, post: Post) -> str:
        earlier = {one.order.occurrence for one in self.queue.all(posts=[post.slug])}
        return str(len(earlier) + 1) if earlier else ""

    def _differs(self, delivery: Delivery, account: Account) -> bool:
        try:
            post = self.library.load(delivery.order.post)
        except KarnayError:
            return True
        today = self._rendered(post, account, self.pages.remembered())
        return today.variant.hash != delivery.order.variant.hash


def _require_no_draft(post: Post) -> None:
    if post.draft:
        raise NotPossible(f"{post.slug} is a draft: take out `draft: true` first")
