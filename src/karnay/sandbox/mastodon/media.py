"""Files on a Mastodon server: https://docs.joinmastodon.org/methods/media/."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.sandbox.http import Part, Refusal
from karnay.sandbox.pictures import look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.sandbox.pictures import Look
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

MOST = 4
LONGEST_DESCRIPTION = 10_000
LARGEST_IMAGE, MOST_PIXELS, LARGEST_VIDEO = 16_777_216, 33_177_600, 103_809_024
WORKS_FOR = timedelta(seconds=4)
"""How long the server works on a video, and on a picture that moves."""

_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_VIDEOS = frozenset({"video/mp4", "video/quicktime"})


class Media:
    """The files of all accounts, each for one status."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._attached: dict[str, str] = {}  # to which status, by the file's id

    def upload(self, author: str, given: Mapping[str, Any]) -> Upload:
        """Take a file. Raises Refusal."""
        part, description = given.get("file"), given.get("description") or ""
        if not isinstance(part, Part) or not part.content:
            raise _invalid("File can't be blank")
        if len(description) > LONGEST_DESCRIPTION:
            raise _invalid(f"Description is too long (maximum is {LONGEST_DESCRIPTION} characters)")
        seen = look(part.content)
        _check(seen, len(part.content))
        return self.world.media.put(
            "mastodon",
            author,
            part.content,
            name=part.name,
            now=self.world.clock.now(),
            takes=WORKS_FOR if _moves(seen) else timedelta(),
            alt=description,
        )

    def found(self, author: str, identifier: str) -> Upload:
        """The author's own file that no status has. Raises Refusal."""
        upload = self.world.media.get(identifier)
        if upload is None or upload.owner != author or identifier in self._attached:
            raise Refusal(404, {"error": "Record not found"})
        return upload

    def to_attach(self, author: str, identifiers: Sequence[str]) -> tuple[Upload, ...]:
        """The files for a status. Raises Refusal where it cannot have them."""
        if len(identifiers) > MOST:
            raise _refused("Cannot attach more than 4 files")
        uploads = tuple(self._free(author, identifier) for identifier in identifiers)
        if not all(upload.is_ready(self.world.clock.now()) for upload in uploads):
            said = "Cannot attach files that have not finished processing. Try again in a moment!"
            raise _refused(said)
        if len(uploads) > 1 and any(_moves(upload.look) for upload in uploads):
            raise _refused("Cannot attach a video to a post that already contains images")
        return uploads

    def attach(self, uploads: Sequence[Upload], status: str) -> None:
        """They are that status's now."""
        self._attached.update({upload.id: status for upload in uploads})

    def told(self, server: str, upload: Upload) -> dict[str, Any]:
        """The MediaAttachment; without an address until the server is done with the file."""
        root = server.removesuffix("/mastodon")
        ready = upload.is_ready(self.world.clock.now())
        url = f"{root}/_sandbox/media/{upload.id}" if ready else None
        sides = {"width": upload.look.width, "height": upload.look.height}
        return {
            "id": upload.id, "type": _type(upload.look), "url": url, "preview_url": url,
            "remote_url": None, "meta": {"original": sides}, "description": upload.alt or None,
            "blurhash": None,
        }  # fmt: skip

    def _free(self, author: str, identifier: str) -> Upload:
        try:
            return self.found(author, identifier)
        except Refusal:
            said = f"Media {identifier} not found or already attached to another post"
            raise _refused(said) from None


def _refused(reason: str) -> Refusal:
    return Refusal(422, {"error": reason})


def _invalid(reason: str) -> Refusal:
    return _refused(f"Validation failed: {reason}")


def _check(seen: Look, size: int) -> None:
    if seen.mime not in _IMAGES | _VIDEOS:
        raise _invalid("File content type is invalid")
    if not seen.whole:
        raise Refusal(500, {"error": "Error processing thumbnail for uploaded media"})
    if size > (LARGEST_IMAGE if seen.kind == "image" else LARGEST_VIDEO):
        raise _invalid("File size is too big")
    if seen.width * seen.height > MOST_PIXELS:
        raise _invalid(f"{seen.width}x{seen.height} images are not supported")


def _moves(seen: Look) -> bool:
    return seen.kind == "video" or seen.frames > 1


def _type(seen: Look) -> str:
    return "video" if seen.kind == "video" else "gifv" if seen.frames > 1 else "image"
