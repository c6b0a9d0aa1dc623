"""A bucket that speaks as much of S3 as a file needs to get a public address, and to lose it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html. Whoever has the key's id may
write: a signature must be there, and is not computed again; what it covers of the body is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

PATH = "/_sandbox/bucket"
KEY_ID, SECRET = "sandbox-media-host", "sandbox-media-host-secret"
SECRETS = {"media-host-key-id": KEY_ID, "media-host-secret": SECRET}

_SIGNED = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={KEY_ID}/\d{{8}}/[\w-]+/s3/aws4_request,"
    r"SignedHeaders=[\w;-]+,Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An object, and the type under which it is served."""

    content: bytes = field(repr=False)
    mime: str


class Bucket:
    """Objects by name; in memory only."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._objects: dict[str, Stored] = {}

    def routes(self) -> list[Route]:
        """All below one address; anybody may fetch."""
        at = f"{PATH}/{{name}}"
        return [
            Route(at, self._get),
            Route(at, self._put, methods=["PUT"]),
            Route(at, self._delete, methods=["DELETE"]),
        ]

    @property
    def names(self) -> list[str]:
        """What is there."""
        with self._lock:
            return list(self._objects)

    async def _get(self, request: Request) -> Response:
        with self._lock:
            found = self._objects.get(request.path_params["name"])
        if found is None:
            return _no(404, "NoSuchKey", "The specified key does not exist.")
        return Response(found.content, media_type=found.mime)

    async def _put(self, request: Request) -> Response:
        content, headers = await request.body(), request.headers
        digest = hashlib.sha256(content).hexdigest()
        if not _SIGNED.fullmatch(headers.get("authorization", "")):
            return _no(403, "AccessDenied", "Access Denied")
        if headers.get("x-amz-content-sha256") != digest:
            said = "The provided 'x-amz-content-sha256' header does not match what was computed."
            return _no(400, "XAmzContentSHA256Mismatch", said)
        mime = headers.get("content-type", "binary/octet-stream")
        with self._lock:
            self._objects[request.path_params["name"]] = Stored(content, mime)
        return Response(headers={"ETag": f'"{digest[:32]}"'})

    async def _delete(self, request: Request) -> Response:
        if not _SIGNED.fullmatch(request.headers.get("authorization", "")):
            return _no(403, "AccessDenied", "Access Denied")
        with self._lock:
            self._objects.pop(request.path_params["name"], None)
        return Response(status_code=204)


def _no(status: int, code: str, said: str) -> Response:
    text = f"<Error><Code>{code}</Code><Message>{said}</Message></Error>"
    return Response(text, status, media_type="application/xml")
