"""The service that makes videos ready for Bluesky: https://docs.bsky.app/docs/tutorials/video."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.bluesky.embeds import VIDEO_BYTES
from karnay.sandbox.bluesky.tokens import refused
from karnay.sandbox.pictures import look

if TYPE_CHECKING:
    from karnay.sandbox.bluesky.blobs import Blob, Blobs
    from karnay.sandbox.http import Refusal

WORKS_FOR = timedelta(seconds=4)
LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Job:
    number: str
    repo: str
    blob: Blob | None  # None: it cannot be used
    ready_at: datetime

    def told(self, now: datetime) -> dict[str, Any]:
        """The job as app.bsky.video.defs#jobStatus."""
        known = {"jobId": self.number, "did": self.repo}
        if now < self.ready_at:
            return {**known, "state": "JOB_STATE_ENCODING", "progress": 40}
        if self.blob is None:
            why = {"error": "validation_failure", "message": "The file is no video of an MP4"}
            return {**known, "state": "JOB_STATE_FAILED", **why}
        return {**known, "state": "JOB_STATE_COMPLETED", "progress": 100, "blob": self.blob}


class Videos:
    """Takes a file, works on it for a while, and puts it into the account's repository."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._clock = blobs.world.clock
        self._jobs: dict[str, _Job] = {}
        self._same: dict[tuple[str, bytes], str] = {}
        self._numbers = count(1)

    def take(self, repo: str, content: bytes, kind: str) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a file; the very same file has its job already."""
        if kind != "video/mp4":
            raise refused("InvalidRequest", f"Wrong request encoding (Content-Type): {kind}")
        if len(content) > VIDEO_BYTES:
            raise refused("InvalidRequest", "file size exceeds the limit")
        known = self._same.get((repo, content))
        if known:
            told = self._jobs[known].told(self._clock.now())
            return 409, {**told, "error": "already_exists", "message": "Video already processed"}
        job = self._begun(repo, content)
        return 200, {"jobId": job.number, "did": repo, "state": "JOB_STATE_CREATED"}

    def status(self, number: str) -> dict[str, Any]:
        """How far it is. Raises Refusal."""
        job = self._jobs.get(number)
        if job is None:
            raise _unknown()
        return job.told(self._clock.now())

    def _begun(self, repo: str, content: bytes) -> _Job:
        seen = look(content)
        usable = seen.mime == "video/mp4" and seen.whole and seen.seconds <= LONGEST.seconds
        blob = self._blobs.keep(repo, content, "video/mp4") if usable else None
        job = _Job(f"job{next(self._numbers):06}", repo, blob, self._clock.now() + WORKS_FOR)
        self._jobs[job.number] = job
        self._same[repo, content] = job.number
        return job


def _unknown() -> Refusal:
    return refused("InvalidRequest", "Job not found")
