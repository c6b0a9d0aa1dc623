"""What goes along with the words: the files, made ready for the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from karnay.errors import Problem
from karnay.media.asset import Prepared
from karnay.media.together import together

if TYPE_CHECKING:
    from pathlib import Path

    from karnay.accounts import Account
    from karnay.content.post import Media, Wording
    from karnay.media.asset import Asset
    from karnay.media.limits import MediaLimits


class Darkroom(Protocol):
    """Makes files ready; the same file and limits give the same asset."""

    def ready(
        self, file: Path, limits: MediaLimits, *, alt: str, focus: tuple[float, float]
    ) -> Prepared:
        """The file as the network takes it, with what was done, or why it does not."""
        ...


class NoDarkroom:
    """Where nothing can be made ready."""

    def ready(self, *_: object, **__: object) -> Prepared:
        """Say so."""
        return Prepared(None, problems=("there is no place to make it ready",))


@dataclass(frozen=True, slots=True)
class Carried:
    """The assets of a part, what was done to the files, and what is wrong with them."""

    assets: tuple[Asset, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def carried(wording: Wording, account: Account, limits: MediaLimits, darkroom: Darkroom) -> Carried:
    """The files made ready for the account, each problem at the file's place in the post."""
    if not limits.most:
        return Carried()
    done = [(item, _ready(item, limits, darkroom)) for item in wording.media]
    assets = tuple(prepared.asset for _, prepared in done if prepared.asset)
    wrong = [
        _problem(item, account, words)
        for item, made in done
        for words in (*made.problems, *_unreachable(made, account, limits))
    ]
    place = wording.media[0].place if wording.media else wording.place("")
    unfit = () if wrong else together(assets, limits)
    wrong += (Problem(place, f"{account.name}: {words}", "media") for words in unfit)
    notes = (f"{item.file.name}: {note}" for item, made in done for note in made.done)
    return Carried(assets, tuple(notes), tuple(wrong))


def _unreachable(prepared: Prepared, account: Account, limits: MediaLimits) -> tuple[str, ...]:
    """What to say of a file that the network wants to fetch, and has no address to."""
    asset = prepared.asset
    if asset is None or asset.kind not in limits.fetched or account.media_host:
        return ()
    fetched = f"{account.platform} fetches such a file from a public address"
    return (f"{fetched}: say which, in karnay.toml's [media_host]",)


def _ready(item: Media, limits: MediaLimits, darkroom: Darkroom) -> Prepared:
    return darkroom.ready(item.file, limits, alt=item.alt or "", focus=item.focus)


def _problem(item: Media, account: Account, words: str) -> Problem:
    return Problem(item.place, f"{account.name}: {item.file.name}: {words}", "media")
