"""The life of a daemon in the foreground: started, watched over, reloaded, stopped."""

from __future__ import annotations

import faulthandler
import signal
from typing import TYPE_CHECKING

import structlog

from karnay.cli.output import say
from karnay.engine.health import Standing, threads
from karnay.engine.systemd import Systemd
from karnay.errors import KarnayError

if TYPE_CHECKING:
    from karnay.cli.signals import Signals
    from karnay.engine.daemon import Daemon
    from karnay.engine.vitals import Vitals
    from karnay.newsroom import Newsroom

log = structlog.get_logger(__name__)

_GLANCE = 1.0  # seconds between two looks at whether the daemon still has its database
_GOING_ON = frozenset({None, signal.SIGHUP})
_AT_WORK = "publishing what is due"


def keep_running(room: Newsroom, daemon: Daemon, vitals: Vitals, signals: Signals) -> None:
    """Publish what is due until a signal says stop; the step in hand is finished.

    Raises StoreGone where the database was moved or deleted.

    systemd, where it started the process, is told of all that; its watchdog gets its pulse only
    while all threads are alive, so that a daemon that hangs is restarted.
    """
    systemd = Systemd.of()
    if systemd.pulse:
        faulthandler.enable()  # the watchdog's SIGABRT leaves in the log where everybody stood
    daemon.start()
    systemd.ready(_AT_WORK)
    say(f"karnay runs on {room.configuration.folder}; Ctrl-C ends it")
    try:
        while (came := signals.wait(min(_GLANCE, systemd.pulse or _GLANCE))) in _GOING_ON:
            daemon.require_store()
            if came is signal.SIGHUP:
                _reload(room, daemon, systemd)
            _pulse(systemd, vitals)
    finally:
        systemd.stopping("finishing the step in hand")
        say("stopping after the step in hand ...")
        daemon.stop()


def _pulse(systemd: Systemd, vitals: Vitals) -> None:
    alive = threads(vitals.signs())
    if alive.standing is Standing.OK:
        systemd.alive()
    else:
        log.error("hangs", reason=alive.says)
        systemd.status(alive.says)


def _reload(room: Newsroom, daemon: Daemon, systemd: Systemd) -> None:
    systemd.reloading()
    database = room.configuration.database
    try:
        room.reread()
        daemon.reload(room.accounts)
    except KarnayError as error:
        log.warning("karnay.toml cannot be used: the accounts of before go on", error=str(error))
        systemd.ready("karnay.toml is wrong: the accounts of before go on")
        return
    log.info("karnay.toml was read again", accounts=len(room.configuration.accounts))
    if room.configuration.database != database:
        log.warning("another database takes effect at the next start")
    systemd.ready(_AT_WORK)
