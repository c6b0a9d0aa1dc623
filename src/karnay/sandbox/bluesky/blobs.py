"""The files of the accounts of a Bluesky server: https://atproto.com/specs/blob."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.sandbox.bluesky.cid import cid_of_blob
from karnay.sandbox.bluesky.embeds import blobs_of, files_of
from karnay.sandbox.bluesky.tokens import refused
from karnay.sandbox.pictures import look

if TYPE_CHECKING:
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

Blob = dict[str, Any]


class Blobs:
    """Kept by account and by what they hold."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[tuple[str, str], Blob] = {}

    def keep(self, repo: str, content: bytes, kind: str) -> Blob:
        """Keep a file; the blob object is what a record refers to it by.

        Its type is what the bytes show, and what the client said where they show nothing.
        """
        cid, seen = cid_of_blob(content), look(content)
        mime = kind if seen.kind == "unknown" else seen.mime
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(content)}
        self._known[repo, cid] = blob
        self.world.media.put(
            "bluesky",
            repo,
            content,
            name=cid,
            now=self.world.clock.now(),
            takes=timedelta(),
            id_=_id(repo, cid),
        )
        return blob

    def check(self, repo: str, embed: Any) -> None:
        """Raise the server's refusal of a blob that it does not have as the embed says.

        https://github.com/bluesky-social/atproto `packages/pds/src/actor-store/blob/transactor.ts`
        """
        for blob in blobs_of(embed):
            kept = self._known.get((repo, blob["ref"]["$link"]))
            if kept is None:
                raise refused("BlobNotFound", "Could not find blob")
            for name, error in (("mimeType", "InvalidMimeType"), ("size", "InvalidSize")):
                if kept[name] != blob[name]:
                    said = f"Referenced {name} does not match stored blob."
                    raise refused(error, f"{said} Expected: {kept[name]}, Got: {blob[name]}")

    def shown(self, repo: str, embed: Any) -> tuple[Upload, ...]:
        """The files that readers of a checked embed see, each with its description."""
        wanted = ((self.page_of(repo, one.blob), one.alt) for one in files_of(embed))
        found = ((self.world.media.get(number), alt) for number, alt in wanted)
        return tuple(replace(upload, alt=alt) for upload, alt in found if upload)

    def page_of(self, repo: str, blob: Blob) -> str:
        """The id under which the sandbox shows the file."""
        return _id(repo, blob["ref"]["$link"])


def _id(repo: str, cid: str) -> str:
    return f"{repo.rpartition(':')[2]}-{cid}"
