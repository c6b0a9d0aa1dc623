"""Files on X: https://docs.x.com/x-api/media/quickstart/best-practices (OpenAPI 2.167)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.http import Part
from karnay.sandbox.pictures import look
from karnay.sandbox.x import objects, rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.sandbox.pictures import Look
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

LARGEST_PICTURE, LARGEST_GIF, LARGEST_VIDEO = 5_000_000, 15_000_000, 512_000_000
MOST_FRAMES, MOST_PIXELS = 350, 300_000_000
LARGEST_PIECE = 4_000_000
"""X does not say; 5 MB was too many: https://github.com/abraham/twitteroauth/issues/1257"""

LIVES = timedelta(days=1)
WORKS_FOR = timedelta(seconds=4)
"""How long the sandbox works on what came in pieces."""

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class _Session:
    """What was begun, and the pieces that have come."""

    owner: str
    asked: rules.NewUpload
    pieces: dict[int, bytes] = field(default_factory=dict, hash=False)

    @property
    def content(self) -> bytes:
        """All pieces in their order. Raises Refusal where they are not all there."""
        if sorted(self.pieces) != list(range(len(self.pieces))):
            raise rules.invalid("Segments do not add up to provided total file size.")
        whole = b"".join(self.pieces[index] for index in sorted(self.pieces))
        if len(whole) != self.asked.total_bytes:
            raise rules.invalid("Segments do not add up to provided total file size.")
        return whole


class Media:
    """The files of all accounts, until they are a day old."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)
        self._sessions: dict[str, _Session] = {}

    def at_once(self, owner: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """A picture in one request; returns what X tells of it. Raises Refusal."""
        _only(given, "media", "media_category", "additional_owners")
        if given.get("media_category") != "tweet_image":
            raise rules.invalid("$.media_category: the sandbox takes tweet_image in one request")
        content = _content(given)
        if not _is_picture(look(content), len(content)):
            raise rules.invalid("media type unrecognized.")
        media = given["media"]
        name = media.name if isinstance(media, Part) else ""
        return self._told(self._kept(owner, self._number(), content, timedelta(), name=name))

    def begin(self, owner: str, asked: rules.NewUpload) -> dict[str, Any]:
        """The id under which pieces are to come. Raises Refusal."""
        largest = LARGEST_GIF if asked.media_category == "tweet_gif" else LARGEST_VIDEO
        is_gif = asked.media_type == "image/gif"
        if is_gif != (asked.media_category == "tweet_gif"):
            raise rules.invalid("$.media_type: does not go with media_category")
        if asked.total_bytes > largest:
            raise rules.invalid(f"File size exceeds {largest} bytes.")
        number = self._number()
        self._sessions[number] = _Session(owner, asked)
        return {"id": number, "media_key": f"7_{number}", "expires_after_secs": _seconds(LIVES)}

    def append(self, owner: str, number: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Take a piece. Raises Refusal."""
        _only(given, "media", "segment_index")
        session, content = self._session(owner, number), _content(given)
        index = str(given.get("segment_index", ""))
        if not index.isdecimal() or int(index) > 999:
            raise rules.invalid("$.segment_index: must be a number from 0 to 999")
        if len(content) > LARGEST_PIECE:
            raise rules.invalid("maxFileSizeExceeded")
        session.pieces[int(index)] = content
        ends = self.world.clock.now() + LIVES
        return {"expires_at": int(ends.timestamp())}

    def finalize(self, owner: str, number: str) -> dict[str, Any]:
        """Put the pieces together and begin to work on them; again, it changes nothing."""
        upload = self.world.media.get(number)
        if upload is None or upload.owner != owner:
            content = self._session(owner, number).content
            upload = self._kept(owner, number, content, WORKS_FOR)
        return self._told(upload)

    def status(self, owner: str, number: str) -> dict[str, Any]:
        """What X tells of a file. Raises Refusal."""
        return self._told(self._found(owner, number))

    def describe(self, owner: str, asked: rules.Described) -> dict[str, Any]:
        """Say what a picture shows. Raises Refusal."""
        upload = self._found(owner, asked.id)
        if upload.look.kind != "image":
            raise rules.invalid("Only images and GIFs have a description.")
        self.world.media.describe(upload, asked.metadata.alt_text.text)
        return {"id": upload.id, "associated_metadata": asked.metadata.model_dump()}

    def to_attach(self, owner: str, numbers: Sequence[str]) -> tuple[Upload, ...]:
        """The files of a post. Raises Refusal where it cannot have them."""
        uploads = tuple(self._found(owner, number) for number in numbers)
        alone = any(_moves(upload.look) for upload in uploads)
        fit = all(self._state(upload) == "succeeded" for upload in uploads)
        if not fit or len(set(numbers)) < len(numbers) or (alone and len(uploads) > 1):
            raise _bad_ids()
        return uploads

    def _number(self) -> str:
        return objects.snowflake(self.world.clock.now(), next(self._numbers))

    def _kept(
        self, owner: str, number: str, content: bytes, takes: timedelta, *, name: str = ""
    ) -> Upload:
        now = self.world.clock.now()
        return self.world.media.put(
            "x", owner, content, name=name, now=now, takes=takes, id_=number
        )

    def _session(self, owner: str, number: str) -> _Session:
        session = self._sessions.get(number)
        if session is None or session.owner != owner:
            raise _bad_ids()
        return session

    def _found(self, owner: str, number: str) -> Upload:
        upload = self.world.media.get(number)
        is_ours = upload is not None and (upload.platform, upload.owner) == ("x", owner)
        if upload is None or not is_ours or upload.at + LIVES <= self.world.clock.now():
            raise _bad_ids()
        return upload

    def _state(self, upload: Upload) -> str:
        if not upload.is_ready(self.world.clock.now()):
            return "in_progress"
        return "succeeded" if _is_usable(upload.look, len(upload.content)) else "failed"

    def _told(self, upload: Upload) -> dict[str, Any]:
        told = {
            "id": upload.id,
            "media_key": objects.media_key(upload),
            "size": len(upload.content),
            "expires_after_secs": _seconds(LIVES),
        }
        if upload.id not in self._sessions:
            seen = upload.look
            sides = {"image_type": seen.mime, "w": seen.width, "h": seen.height}
            return {**told, "image": sides}
        state = self._state(upload)
        later = {"check_after_secs": 1} if state == "in_progress" else {}
        return {**told, "processing_info": {"state": state, **later}}


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _bad_ids() -> Exception:
    return rules.invalid("Your media IDs are invalid.")


def _only(given: Mapping[str, Any], *names: str) -> None:
    for name in sorted(set(given) - set(names)):
        raise rules.invalid(
            f"$.{name}: is not defined in the schema and the schema does not allow "
            "additional properties"
        )


def _content(given: Mapping[str, Any]) -> bytes:
    """Raw bytes in a form, Base64 in JSON."""
    media = given.get("media")
    try:
        content = (
            media.content
            if isinstance(media, Part)
            else base64.b64decode(media or "", validate=True)
        )
    except (ValueError, TypeError):
        content = b""
    if not content:
        raise rules.invalid("$.media: is missing or empty")
    return content


def _moves(seen: Look) -> bool:
    return seen.kind == "video" or seen.frames > 1


def _is_picture(seen: Look, size: int) -> bool:
    """Whether it can be shown as a photograph."""
    return seen.mime in _PICTURES and seen.whole and size <= LARGEST_PICTURE


def _is_usable(seen: Look, size: int) -> bool:
    """Whether X shows it in a post."""
    if seen.kind == "video":
        return _is_video(seen)
    return _is_animation(seen) if seen.frames > 1 else _is_picture(seen, size)


def _is_animation(seen: Look) -> bool:
    pixels = seen.width * seen.height * seen.frames
    small = seen.width <= 1280 and seen.height <= 1080
    return seen.whole and small and seen.frames <= MOST_FRAMES and pixels <= MOST_PIXELS


def _is_video(seen: Look) -> bool:
    sides = (seen.width, seen.height)
    fits = min(sides) >= 32 and seen.width <= 1280 and seen.height <= 1024
    return seen.whole and fits and 0.5 <= seen.seconds <= 140 and 1 / 3 <= seen.ratio <= 3
