"""PostgreSQL under attack: it restarts or crashes, connections break, machines are cut off from it.

It is the tests' own server, which here keeps what it has said it keeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.chaos.line import HOST
from bench.chaos.machines import LONGEST_STOP, Machine

if TYPE_CHECKING:
    from bench.chaos.line import Reactor
    from bench.chaos.machines import Machines
    from bench.chaos.nemesis import Hand, Nemesis

TESTS = Path(__file__).parents[2] / "tests"

_SETTINGS = {"max_connections": "400", "fsync": "off"}  # the machine itself does not crash
_LOSES = 0.5  # of the cut-offs: what was under way never arrives
_LUMP = 1 << 16
_LATENCY = 0.002
"""Seconds of the world that every lump of bytes takes: the database is not next door."""


@dataclass
class DatabaseWire:
    """Listens for one machine, and carries bytes to and from the server's socket.

    Silent, it carries nothing and says nothing: that is how a machine cut off from the database,
    but not from the network, finds it. What was under way arrives when it speaks again.
    """

    socket: Path
    port: int = 0
    _speaks: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def open(self) -> None:
        """Listen."""
        self._speaks.set()
        server = await asyncio.start_server(self._serve, HOST, self.port, backlog=128)
        self.port = server.sockets[0].getsockname()[1]

    async def fall_silent(self) -> None:
        """Carry nothing."""
        self._speaks.clear()

    async def speak(self) -> None:
        """Carry everything again, what was held back first."""
        self._speaks.set()

    async def break_off(self) -> None:
        """Reset all connections; what was under way is lost."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speaks.wait()
        try:
            there, back = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        self._writers -= {writer, back}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while lump := await reader.read(_LUMP):
                await asyncio.sleep(_LATENCY)
                await self._speaks.wait()
                writer.write(lump)
                await writer.drain()
        writer.close()


@dataclass
class Postgres:
    """One server, and a wire to it from each machine."""

    reactor: Reactor
    daemons: int
    _wires: list[DatabaseWire] = field(default_factory=list)
    # The server ends with the thread that started it: let it be one that stays.
    _parent: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    url: str = ""

    def __enter__(self) -> Self:
        """Start the server, and lay the wires."""
        sys.path.insert(0, str(TESTS))
        from postgres import DURABLE, SUPERUSER, server  # type: ignore[import-not-found] # the tests' own

        self._server = self._parent.submit(server, {**DURABLE, **_SETTINGS}).result()
        self._name, self._user = self._server.database(), SUPERUSER
        self.url = self._server.url(self._name)
        for _ in range(self.daemons):
            wire = DatabaseWire(self._server.folder / ".s.PGSQL.5432")
            self.reactor.run(wire.open())
            self._wires.append(wire)
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the server."""
        self._server.stop(signal.SIGQUIT)
        self._server.remove()
        self._parent.shutdown()

    @property
    def machines(self) -> list[Machine]:
        """One for each wire; its environment names its own end."""
        urls = (
            f"postgresql+psycopg://{self._user}@{HOST}:{wire.port}/{self._name}"
            for wire in self._wires
        )
        return [
            Machine(f"daemon-{number}", {"KARNAY_DATABASE": url})
            for number, url in enumerate(urls, start=1)
        ]

    def arm(self, nemesis: Nemesis, machines: Machines) -> None:
        """The server stops or crashes; a machine is cut off from it; connections break."""
        del machines

        def restart(hand: Hand) -> None:
            self._server.stop(hand.luck.choice((signal.SIGINT, signal.SIGQUIT)))
            hand.rest(0.1, 2)
            self._parent.submit(self._server.start).result()

        def cut_off(hand: Hand) -> None:
            wire = hand.luck.choice(self._wires)
            self.reactor.run(wire.fall_silent())
            hand.rest(0.2, LONGEST_STOP)
            if hand.luck.random() < _LOSES:
                self.reactor.run(wire.break_off())
            self.reactor.run(wire.speak())

        def break_off(hand: Hand) -> None:
            self.reactor.run(hand.luck.choice(self._wires).break_off())

        nemesis.arm("restarted database", 20, restart)
        nemesis.arm("cut-off machine", 3, cut_off)
        nemesis.arm("broken connection", 5, break_off)
