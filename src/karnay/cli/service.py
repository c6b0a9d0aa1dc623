"""`karnay service`: the unit with which systemd runs this workspace's daemon."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from karnay.cli.output import newsroom, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.settings import Configuration

_NAME = re.compile(r"[A-Za-z0-9:_.-]{1,200}")
_STOPPING_TAKES = 60
"""Seconds beyond the longest request: its receipt is still written when the database is slow."""

_SHARED_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108 - to stay out of them

_UNIT = """\
# {file}: made by `karnay service`
[Unit]
Description=karnay publishes what is due in {description}
{after}
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory={folder}
{user}{secrets}
Restart=always
RestartSec=5
RestartPreventExitStatus=2
# An upgrade of a large database may take its time; then the watchdog looks after it.
TimeoutStartSec=15min
WatchdogSec=60
# SIGTERM finishes the request in hand, which takes {longest} s at most.
KillSignal=SIGTERM
TimeoutStopSec={stopping}

# Secrets are in its memory: no core dumps.
LimitCORE=0
NoNewPrivileges=true
LockPersonality=true
RestrictRealtime=true
RestrictSUIDSGID=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
{walls}
[Install]
WantedBy={target}
"""

_WALLS = """\
SystemCallFilter=@system-service
CapabilityBoundingSet=
PrivateDevices=true
PrivateTmp={private_tmp}
ProtectClock=true
ProtectControlGroups=true
ProtectHome=read-only
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectSystem=strict
ReadWritePaths={paths}
RestrictNamespaces=true
"""


@click.command()
@click.option("--user", "of_user", is_flag=True, help="For your own systemd, not the machine's.")
@click.option("--name", default="karnay", show_default=True, help="The service's name.")
@click.option("--monitor", metavar="ADDRESS", help="Serve /metrics and /healthz there.")
def service(of_user: bool, name: str, monitor: str | None) -> None:
    """Print a systemd unit that runs this workspace's daemon.

    It is restarted when it ends or hangs, may write to the workspace alone, and is handed the
    secrets that karnay.toml calls `env:` and `cred:`. Nothing is installed: the commands that do
    are told on stderr.
    """
    if not _NAME.fullmatch(name):
        raise click.BadParameter(f'"{name}" is no name of a unit', param_hint="--name")
    unit = Unit(newsroom().configuration, name, of_user=of_user, monitor=monitor or "")
    click.echo(unit.text(), nl=False)
    say(unit.how_to_install())


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit for the machine's systemd or, with `of_user`, for a person's own."""

    configuration: Configuration
    name: str
    of_user: bool = False
    monitor: str = ""

    def text(self) -> str:
        """The unit file."""
        from karnay.platforms.wire import DEADLINE

        folder = self.configuration.folder.resolve()
        return _UNIT.format(
            file=self._file,
            description=_plain(folder),
            after="\n".join(self._after()),
            command=" ".join(self._command(folder)),
            folder=_plain(folder),
            user="" if self.of_user else f"User={folder.owner()}\n",
            secrets="\n".join(self._secrets()),
            longest=f"{DEADLINE:.0f}",
            stopping=f"{DEADLINE + _STOPPING_TAKES:.0f}",
            walls="" if self.of_user else self._walls(folder),
            target="default.target" if self.of_user else "multi-user.target",
        )

    def how_to_install(self) -> str:
        """The commands, and what else has to be done by hand."""
        return "\n".join(["Install it with:", *self._commands(), *self._notes()])

    @property
    def _file(self) -> str:
        folder = "~/.config/systemd/user" if self.of_user else "/etc/systemd/system"
        return f"{folder}/{self.name}.service"

    @property
    def _secrets_folder(self) -> str:
        return "%E/karnay" if self.of_user else "/etc/karnay"

    def _after(self) -> Iterator[str]:
        if self.of_user:  # these targets are the machine's
            return
        database = "" if self.configuration.database_file else " postgresql.service"
        yield "Wants=network-online.target"
        yield f"After=network-online.target time-sync.target{database}"

    def _command(self, folder: Path) -> Iterator[str]:
        yield from _this_karnay()
        yield from ("-C", quoted(str(folder)).replace("$", "$$"), "run")
        if self.monitor:
            yield from ("--monitor", quoted(self.monitor))

    def _secrets(self) -> Iterator[str]:
        names = self._referred("cred")
        for name in names:
            yield f"LoadCredential={name}:{self._secrets_folder}/{name}"
        if not names:
            yield "# A secret that no other process sees; in karnay.toml it is `cred:telegram`:"
            yield f"#LoadCredential=telegram:{self._secrets_folder}/telegram"
        if self._referred("env"):
            yield f"EnvironmentFile={self._secrets_folder}/{self.name}.env"

    def _referred(self, scheme: str) -> list[str]:
        from karnay.secrets import SecretRef

        values = (value for one in self.configuration.accounts.values() for _, value in one.details)
        references = (str(value) for value in values if isinstance(value, SecretRef))
        found = (reference.partition(":") for reference in references)
        return sorted({rest for kind, _, rest in found if kind == scheme})

    def _walls(self, folder: Path) -> str:
        # A workspace below /tmp, for a trial, would not be seen behind a /tmp of its own.
        private = not any(folder.is_relative_to(shared) for shared in _SHARED_FOLDERS)
        paths = " ".join(self._paths(folder))
        return _WALLS.format(paths=paths, private_tmp=str(private).lower())

    def _paths(self, folder: Path) -> Iterator[str]:
        yield quoted(str(folder))
        store = self.configuration.lock_folder.resolve()
        if not store.is_relative_to(folder):
            yield quoted(str(store))

    def _commands(self) -> Iterator[str]:
        again = self._this_command()
        if self.of_user:
            yield f"  mkdir -p ~/.config/systemd/user && {again} > {self._file}"
            yield f"  systemctl --user daemon-reload && systemctl --user enable --now {self.name}"
            yield "  loginctl enable-linger    # so that it runs while you are logged out"
        else:
            yield f"  {again} | sudo tee {self._file}"
            yield f"  sudo systemctl daemon-reload && sudo systemctl enable --now {self.name}"

    def _this_command(self) -> str:
        options = {"--name": self.name if self.name != "karnay" else "", "--monitor": self.monitor}
        given = [word for option, value in options.items() if value for word in (option, value)]
        of_user = ["--user"] if self.of_user else []
        folder = str(self.configuration.folder.resolve())
        return shlex.join(["karnay", "-C", folder, "service", *of_user, *given])

    def _notes(self) -> Iterator[str]:
        folder = self._secrets_folder.replace("%E", "~/.config")
        if variables := self._referred("env"):
            lines = ", ".join(f"{name}=..." for name in variables)
            yield f"Before that, write {folder}/{self.name}.env, for its owner alone: {lines}"
        for name in self._referred("cred"):
            yield f"Before that, put the secret `cred:{name}` into {folder}/{name}"


def quoted(word: str) -> str:
    """The word as an item of a systemd list: `%` doubled, in quotes where it has to be.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html#Quoting
    """
    escaped = _plain(word)
    if re.fullmatch(r"[\w/.:@%+,=-]+", escaped):
        return escaped
    inner = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _plain(text: str | Path) -> str:
    """The text with its `%` doubled, for a setting that is no list."""
    if "\n" in str(text):
        raise click.UsageError("systemd knows no path with a line break: rename the folder")
    return str(text).replace("%", "%%")


def _this_karnay() -> Iterator[str]:
    """The program that runs now, by its absolute path."""
    python = Path(sys.executable)
    program = python.with_name("karnay")
    if program.exists():
        yield quoted(str(program))
    else:
        yield from (quoted(str(python)), "-m", "karnay")
