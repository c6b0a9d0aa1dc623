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


def keep_running(room: Newsroom, daemon: Daemon, vitals: Vitals, signals: Signals) -> None:
    """Publish what is due until a signal says stop; the step in hand is finished.

    systemd, where it started the process, is told of all that; its watchdog gets its pulse only
    while all threads are alive, so that a daemon that hangs is restarted.
    """
    systemd = Systemd.of()
    if systemd.pulse:
        faulthandler.enable()  # the watchdog's SIGABRT leaves in the log where everybody stood
    daemon.start()
    systemd.ready("publishing what is due")
    say(f"karnay runs on {room.configuration.folder}; Ctrl-C ends it")
    while (came := signals.wait(systemd.pulse)) in {None, signal.SIGHUP}:
        if came is signal.SIGHUP:
            _reload(room, daemon, systemd)
        _pulse(systemd, vitals)
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
    from karnay.newsroom import Newsroom

    systemd.reloading()
    status = "publishing what is due"
    try:
        fresh = Newsroom(room.configuration.folder)
        daemon.reload(fresh.accounts)
        fresh.database.close()
        log.info("karnay.toml was read again", accounts=len(fresh.configuration.accounts))
        if fresh.configuration.database != room.configuration.database:
            log.warning("another database takes effect at the next start")
    except KarnayError as error:
        status = "karnay.toml is wrong: the accounts of before go on"
        log.warning("karnay.toml cannot be used: the accounts of before go on", error=str(error))
    systemd.ready(status)
