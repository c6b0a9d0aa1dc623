"""The addresses at which LinkedIn takes files:
https://learn.microsoft.com/linkedin/marketing/community-management/shares/videos-api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import answered, base_url
from karnay.sandbox.linkedin.asking import (
    body_of,
    caller,
    member,
    milliseconds,
    no,
    reader,
    urn_in,
)
from karnay.sandbox.linkedin.media import LARGEST_FILM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from karnay.sandbox.http import Endpoint
    from karnay.sandbox.linkedin.media import Shelf, Slot

_KINDS = ("image", "video", "document")


class Uploading:
    """Images, videos and documents: begun, sent, finished, asked after."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def routes(self) -> list[Route]:
        """Those of all three, and the address that takes the bytes."""
        take = Route(
            "/linkedin/dms-uploads/{urn}/{number:int}", answered(self._take), methods=["PUT"]
        )
        return [take, *(route for kind in _KINDS for route in self._of(kind))]

    def _of(self, kind: str) -> list[Route]:
        path = f"/linkedin/rest/{kind}s"
        return [
            Route(path, answered(self._uploading(kind)), methods=["POST"]),
            Route(f"{path}/{{urn}}", answered(self._status(kind)), methods=["GET"]),
        ]

    def _uploading(self, kind: str) -> Endpoint:
        async def begin_or_finish(request: Request) -> Response:
            who, given = caller(request), await body_of(request)
            action = request.query_params.get("action")
            if action == "finalizeUpload" and kind == "video":
                asked = given.get("finalizeUploadRequest") or {}
                self.shelf.finish(
                    self.shelf.slot(asked.get("video"), kind), asked["uploadedPartIds"]
                )
                return Response(status_code=200)
            asked = given.get("initializeUploadRequest")
            if action != "initializeUpload" or not isinstance(asked, dict):
                raise no(400, f"Unknown action: {action}")
            if not who.may_be(asked.get("owner")):
                raise no(403, f"Not enough permissions to access: {kind}s", "ACCESS_DENIED")
            slot = self.shelf.announce(kind, asked["owner"], _size(asked) if kind == "video" else 0)
            return JSONResponse({"value": _TOLD[kind == "video"](request, slot)})

        return begin_or_finish

    def _status(self, kind: str) -> Endpoint:
        async def status(request: Request) -> Response:
            reader(request)
            slot = self.shelf.slot(urn_in(request), kind)
            told = {"id": slot.urn, "owner": slot.owner, "status": self.shelf.status(slot)}
            return JSONResponse(told)

        return status

    async def _take(self, request: Request) -> Response:
        """A video's piece has an address that says all; a picture's wants the token besides."""
        urn, number = request.path_params["urn"], request.path_params["number"]
        kind = urn.split(":")[2] if urn.count(":") == 3 else ""
        if kind != "video":
            member(request)
        slot = self.shelf.slot(urn, kind)
        if not 1 <= number <= len(slot.ranges):
            raise no(404, "Not found")
        etag = self.shelf.take(slot, number, await request.body())
        return Response(status_code=200 if slot.size else 201, headers={"ETag": f'"{etag}"'})


def _size(asked: Mapping[str, Any]) -> int:
    size = asked.get("fileSizeBytes")
    if not isinstance(size, int) or not 0 < size <= LARGEST_FILM:
        said = "ERROR :: /initializeUploadRequest/fileSizeBytes :: is not a valid value"
        raise no(400, said, "INVALID_VALUE_FOR_FIELD")
    return size


def _address(request: Request, slot: Slot, number: int) -> str:
    return f"{base_url(request, 'linkedin')}/dms-uploads/{slot.urn}/{number}?m=signed&app=1"


def _one_address(request: Request, slot: Slot) -> Any:
    return {
        "uploadUrl": _address(request, slot, 1),
        "uploadUrlExpiresAt": milliseconds(slot.expires),
        slot.kind: slot.urn,
    }


def _many_addresses(request: Request, slot: Slot) -> Any:
    pieces = [
        {"uploadUrl": _address(request, slot, n), "firstByte": first, "lastByte": last}
        for n, (first, last) in enumerate(slot.ranges, start=1)
    ]
    return {
        "uploadUrlsExpireAt": milliseconds(slot.expires),
        "video": slot.urn,
        "uploadInstructions": pieces,
        "uploadToken": "",
        "thumbnailUploadUrl": "",
    }


_TOLD: Mapping[bool, Callable[[Request, Slot], Any]] = {False: _one_address, True: _many_addresses}
