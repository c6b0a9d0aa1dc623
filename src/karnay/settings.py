"""karnay.toml: defaults < file < environment `KARNAY_...`; all mistakes at once, with lines."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from karnay.accounts import Account
from karnay.content.durations import parse as duration
from karnay.content.post import Overflow
from karnay.errors import BadConfiguration, NotFound, Place, Problem, did_you_mean
from karnay.media.host import KINDS, MediaHost, name_key
from karnay.platforms.registry import platform
from karnay.scheduling.budgets import BadBudget
from karnay.scheduling.budgets import parse as parse_budget
from karnay.scheduling.slots import parse as parse_slots
from karnay.scheduling.wallclock import BadTime, zone
from karnay.secrets import SecretRef, Vault, no_vault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.accounts import Budget
    from karnay.media.host import Bucket, Folder

FILE = "karnay.toml"
STATE_FOLDER = ".karnay"
NOWHERE = "none"  # the kind of a media host that is none


class Settings(BaseSettings):
    """The tables of karnay.toml, not yet checked against each other."""

    model_config = SettingsConfigDict(
        env_prefix="KARNAY_", env_nested_delimiter="__", extra="forbid"
    )

    timezone: str = "UTC"
    languages: list[str] = ["en"]
    database: str = Field(f"sqlite:///{STATE_FOLDER}/karnay.db", repr=False)
    media: str = f"{STATE_FOLDER}/media"
    cards: bool = True
    media_host: dict[str, Any] = {}
    to: list[str] = []
    accounts: dict[str, dict[str, Any]] = {}
    groups: dict[str, list[str]] = {}
    platforms: dict[str, dict[str, Any]] = {}
    vault_key: SecretRef = SecretRef(f"file:{STATE_FOLDER}/vault.key")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which is handed in."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


class _Common(BaseModel):
    """What every account's table may say, whatever its platform."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str
    language: str = ""
    timezone: str = ""
    slots: list[str] = []
    least_gap: str = ""
    budget: list[str] | None = None  # None: what the network documents; empty: none
    overflow: str = ""


class _Network(BaseModel):
    """What a table `[platforms.<name>]` may say, for all accounts there together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: list[str] = []


@dataclass(frozen=True, slots=True)
class Configuration:
    """A workspace's settings, checked; `accounts` in the order of the file."""

    folder: Path
    timezone: str
    languages: tuple[str, ...]
    database: str = field(repr=False)  # may have a password
    accounts: Mapping[str, Account]
    groups: Mapping[str, tuple[str, ...]]
    vault_key: SecretRef
    to: tuple[str, ...] = ()
    media: Path = Path(STATE_FOLDER, "media")
    cards: bool = True

    @property
    def state_folder(self) -> Path:
        """Where the database, the lock and the caches are."""
        return self.folder / STATE_FOLDER

    @property
    def lock_folder(self) -> Path:
        """Where the daemon's lock is: beside the database, which two workspaces may share."""
        return self.database_file.parent if self.database_file else self.state_folder

    @property
    def database_file(self) -> Path | None:
        """The SQLite file; None for a database that is no file."""
        scheme, _, path = self.database.partition(":///")
        return self.folder / path if scheme == "sqlite" and path else None

    @property
    def posts(self) -> Path:
        """Where the posts are."""
        return self.folder / "posts"

    @property
    def templates(self) -> Path:
        """Where the workspace's own templates are, if it has any."""
        return self.folder / "templates"


def find_workspace(start: Path) -> Path:
    """The nearest folder at or above `start` that holds karnay.toml. Raises NotFound."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise NotFound(
        f"there is no {FILE} in {start} or above it: make a workspace with `karnay init`"
    )


def load(folder: Path, vault: Vault = no_vault) -> Configuration:
    """Read and check the folder's karnay.toml. Raises BadConfiguration with all problems.

    The `vault` is where references such as `vault:NAME` will be looked up when they are used.
    """
    text = _read(folder / FILE)
    settings = _settings(_parsed(text), _places(text))
    checker = _Checker(folder, settings, _places(text), vault)
    configuration = checker.configuration()
    if checker.problems:
        raise BadConfiguration(checker.problems)
    return configuration


def place_of(folder: Path, path: str) -> Place:
    """Where that key of the folder's karnay.toml stands, by dotted path; else where it would begin.

    Raises NotFound, BadConfiguration.
    """
    places = _places(_read(folder / FILE))
    return places.get(path) or places[""]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"{file} is not there: make a workspace with `karnay init`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfiguration.of(f"cannot be read: {error}", Place(FILE)) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line, column = _toml_error(str(error), text)
        raise BadConfiguration.of(message, Place(FILE, line, column)) from None


def _toml_error(said: str, text: str) -> tuple[str, int, int]:
    if said.endswith(_AT_END):
        lines = text.rstrip("\n").split("\n")
        return said.removesuffix(_AT_END), len(lines), len(lines[-1]) + 1
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", said)
    return (found[1], int(found[2]), int(found[3])) if found else (said, 0, 0)


def _settings(tables: dict[str, Any], places: Mapping[str, Place]) -> Settings:
    try:
        return Settings(**tables)
    except ValidationError as error:
        known = Settings.model_fields
        raise BadConfiguration(_told(error, "", places, known)) from None
    except SettingsError as error:  # a KARNAY_... variable that is no JSON
        raise BadConfiguration.of(f"the environment cannot be read: {error}") from None


def _told(
    error: ValidationError, under: str, places: Mapping[str, Place], known: Mapping[str, Any]
) -> Iterator[Problem]:
    for item in error.errors(include_url=False, include_input=False):
        path = ".".join([*filter(None, [under]), *map(str, item["loc"])])
        key = str(item["loc"][-1]) if item["loc"] else ""
        place = places.get(path) or places.get(under) or Place(FILE)
        yield Problem(place, _in_words(item["type"], item["msg"], key, known), path)


def _in_words(kind: str, said: str, key: str, known: Mapping[str, Any]) -> str:
    match kind:
        case "extra_forbidden":
            hint = did_you_mean(key, known) or f" Known: {', '.join(known)}."
            return f'unknown setting "{key}".{hint}'
        case "missing":
            return "is missing"
        case "value_error":
            return said.removeprefix("Value error, ")
        case _:
            return said[0].lower() + said[1:]


_AT_END = " (at end of document)"
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"\s*([\w.\"-]+)\s*=")


def _places(text: str) -> dict[str, Place]:
    """Where each table and key of a TOML text begins, by dotted path."""
    places, table = {"": Place(FILE, 1, 1)}, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1].replace('"', "").replace(" ", "")
            places[table] = Place(FILE, number, header.start(1) + 1)
        elif key := _KEY.match(line):
            path = ".".join(filter(None, [table, key[1].replace('"', "")]))
            places[path] = Place(FILE, number, key.start(1) + 1)
    return places


@dataclass
class _Checker:
    """Checks the tables against each other and collects what is wrong."""

    folder: Path
    settings: Settings
    places: Mapping[str, Place]
    vault: Vault
    problems: list[Problem] = field(default_factory=list)
    _workspace_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    _shared: dict[str, tuple[Budget, ...]] = field(default_factory=dict)
    _host: MediaHost | None = None

    def configuration(self) -> Configuration:
        """The checked settings; to be used only when no problem was found."""
        settings = self.settings
        self._workspace_zone = self._zone(settings.timezone, "timezone")
        if not settings.languages:
            self._problem("languages", "name at least one language")
        self._host = self._media_host()
        self._shared = {name: self._spent_together(name) for name in settings.platforms}
        accounts = dict(filter(None, map(self._account, settings.accounts)))
        groups = {name: tuple(members) for name, members in settings.groups.items()}
        self._names(groups)
        return Configuration(
            folder=self.folder,
            timezone=settings.timezone,
            languages=tuple(settings.languages),
            database=settings.database,
            accounts=accounts,
            groups=groups,
            vault_key=self._vault_key(),
            to=tuple(settings.to),
            media=self.folder / settings.media,
            cards=settings.cards,
        )

    def _account(self, name: str) -> tuple[str, Account] | None:
        path, table = f"accounts.{name}", self.settings.accounts[name]
        common = {key: value for key, value in table.items() if key in _Common.model_fields}
        rest = {key: value for key, value in table.items() if key not in common}
        self._overflow(str(common.get("overflow", "")), f"{path}.overflow")
        try:
            checked = _Common(**common)
            context = {"folder": self.folder, "vault": self.vault, "account": name}
            details = platform(checked.platform).details.model_validate(rest, context=context)
            return name, self._built(name, checked, details)
        except ValidationError as error:
            known = {**_Common.model_fields, **self._fields(common)}
            self.problems += _told(error, path, self.places, known)
        except NotFound as error:
            self._problem(f"{path}.platform", str(error))
        return None

    def _vault_key(self) -> SecretRef:
        """Where the vault's key is; it cannot be in the vault itself."""
        key = self.settings.vault_key
        if key.kept_as is not None:
            self._problem("vault_key", "the vault's key cannot be in the vault")
        return replace(key, folder=self.folder)

    def _fields(self, common: dict[str, Any]) -> Mapping[str, Any]:
        try:
            return platform(str(common.get("platform"))).details.model_fields
        except NotFound:
            return {}

    def _built(self, name: str, table: _Common, details: BaseModel) -> Account:
        path, settings = f"accounts.{name}", self.settings
        language = table.language or next(iter(settings.languages), "en")
        return Account(
            name=name,
            platform=table.platform,
            language=language,
            details=details,
            zone=self._zone_of(table, path),
            fallbacks=tuple(settings.languages),
            slots=self._slots(table.slots, f"{path}.slots"),
            least_gap=self._duration(table.least_gap, f"{path}.least_gap"),
            budgets=(*self._own_budgets(table, path), *self._shared.get(table.platform, ())),
            overflow=table.overflow,
            media_host=self._host,
        )

    def _media_host(self) -> MediaHost | None:
        """The table `[media_host]`: where networks can fetch files, which a few of them want to."""
        table = dict(self.settings.media_host)
        kind = str(table.pop("kind", NOWHERE if not table else ""))
        if kind in KINDS:
            return self._placed(KINDS[kind], table)
        if kind != NOWHERE:
            known = (*KINDS, NOWHERE)
            hint = did_you_mean(kind, known) or f" Known: {', '.join(known)}."
            self._problem("media_host.kind", f'there is no kind "{kind}".{hint}')
        return None

    def _placed(self, kind: type[Folder | Bucket], table: Mapping[str, Any]) -> MediaHost | None:
        try:
            context = {"folder": self.folder, "vault": self.vault}
            place = kind.model_validate(table, context=context)
            return MediaHost(place, name_key(self.folder / STATE_FOLDER))
        except ValidationError as error:
            self.problems += _told(error, "media_host", self.places, kind.model_fields)
        except OSError as error:
            self._problem("media_host", f"{error.filename} cannot be written: {error.strerror}")
        return None

    def _spent_together(self, network: str) -> tuple[Budget, ...]:
        """What the table `[platforms.<network>]` allows all accounts there together."""
        path, tables = f"platforms.{network}", self.settings.accounts.items()
        try:
            platform(network)
            table = _Network(**self.settings.platforms[network])
        except ValidationError as error:
            self.problems += _told(error, path, self.places, _Network.model_fields)
        except NotFound as error:
            self._problem(path, str(error))
        else:
            members = frozenset(name for name, own in tables if own.get("platform") == network)
            budgets = self._budgets(table.budget, f"{path}.budget")
            return tuple(replace(budget, shared_by=members) for budget in budgets)
        return ()

    def _own_budgets(self, table: _Common, path: str) -> tuple[Budget, ...]:
        if table.budget is None:
            return platform(table.platform).budgets
        return self._budgets(table.budget, f"{path}.budget")

    def _budgets(self, texts: list[str], path: str) -> tuple[Budget, ...]:
        return tuple(filter(None, (self._budget(text, path) for text in texts)))

    def _budget(self, text: str, path: str) -> Budget | None:
        try:
            return parse_budget(text)
        except BadBudget as error:
            self._problem(path, str(error))
            return None

    def _overflow(self, word: str, path: str) -> None:
        if word and word not in list(Overflow):
            self._problem(path, f'"{word}" is none of {", ".join(Overflow)}')

    def _zone_of(self, table: _Common, path: str) -> ZoneInfo:
        if table.timezone:
            return self._zone(table.timezone, f"{path}.timezone")
        return self._workspace_zone

    def _zone(self, name: str, path: str) -> ZoneInfo:
        try:
            return zone(name)
        except BadTime as error:
            self._problem(path, str(error))
            return zone("UTC")

    def _slots(self, slots: list[str], path: str) -> tuple[str, ...]:
        try:
            parse_slots(slots)
        except BadTime as error:
            self._problem(path, str(error))
        return tuple(slots)

    def _duration(self, text: str, path: str) -> timedelta:
        try:
            return duration(text) if text else timedelta()
        except ValueError as error:
            self._problem(path, str(error))
            return timedelta()

    def _names(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        accounts = self.settings.accounts
        for group, members in groups.items():
            for member in members:
                if member not in accounts:
                    hint = did_you_mean(member, accounts)
                    self._problem(f"groups.{group}", f'there is no account "{member}".{hint}')
        known = {*accounts, *(f"@{group}" for group in groups)}
        for name in self.settings.to:
            if name not in known:
                hint = did_you_mean(name, known)
                self._problem("to", f'there is no account or group "{name}".{hint}')

    def _problem(self, path: str, message: str) -> None:
        table = path.rpartition(".")[0]
        place = self.places.get(path) or self.places.get(table) or Place(FILE)
        self.problems.append(Problem(place, message, path))
