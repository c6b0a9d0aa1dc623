"""The sandbox's own addresses: faults to order, and what was asked and published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.faults import Fault, Faults, Kind, Weather
from karnay.sandbox.networks import networks

if TYPE_CHECKING:
    from starlette.requests import Request

    from karnay.sandbox.world import World


def _known(name: str) -> str:
    if name not in networks():
        raise ValueError(f"no such platform: {name}; known are {', '.join(networks())}")
    return name


class Order(BaseModel):
    """The body of `POST /_sandbox/faults`; `times: null` means all until it is cleared."""

    model_config = ConfigDict(extra="forbid")

    platform: Annotated[str, AfterValidator(_known)]
    fault: Kind
    times: int | None = Field(default=1, ge=1)
    seconds: float = Field(default=0, ge=0)

    def given_to(self, faults: Faults) -> None:
        """Let it go wrong."""
        faults.put(self.platform, Fault(self.fault, self.times, self.seconds))


class Forecast(BaseModel):
    """The other body of `POST /_sandbox/faults`: any of `faults`, by chance, until cleared."""

    model_config = ConfigDict(extra="forbid")

    platform: Annotated[str, AfterValidator(_known)]
    faults: list[Kind] = Field(min_length=1)
    probability: float = Field(ge=0, le=1)
    seed: int = 0
    seconds: float = Field(default=0, ge=0)

    def given_to(self, faults: Faults) -> None:
        """Let it go wrong."""
        weather = Weather(tuple(self.faults), self.probability, self.seed, self.seconds)
        faults.let(self.platform, weather)


_ASKED: TypeAdapter[Order | Forecast] = TypeAdapter(Order | Forecast)


class Controls:
    """What tests, the demo and curious people steer the sandbox with."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        """All under `/_sandbox/`, where no network lives."""
        return [
            Route("/_sandbox/faults", self._order, methods=["POST"]),
            Route("/_sandbox/faults", self._faults, methods=["GET"]),
            Route("/_sandbox/faults", self._heal, methods=["DELETE"]),
            Route("/_sandbox/requests", self._requests, methods=["GET"]),
            Route("/_sandbox/published", self._published, methods=["GET"]),
        ]

    async def _order(self, request: Request) -> Response:
        try:
            asked = _ASKED.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 422)
        asked.given_to(self.world.faults)
        return await self._faults(request)

    async def _faults(self, _request: Request) -> Response:
        faults = self.world.faults.all()
        return JSONResponse({name: fault.as_json() for name, fault in faults.items()})

    async def _heal(self, request: Request) -> Response:
        self.world.faults.heal(request.query_params.get("platform"))
        return await self._faults(request)

    async def _requests(self, request: Request) -> Response:
        recorded = self.world.recorder.all(request.query_params.get("platform"))
        return JSONResponse({"requests": [one.as_json() for one in recorded]})

    async def _published(self, request: Request) -> Response:
        """By thread, oldest first; `?platform=` and `?account=` (as in addresses) choose."""
        asked = request.query_params
        threads = self.world.ledger.threads(asked.get("platform"), asked.get("account"))
        return JSONResponse(
            {"threads": [[post.as_json() for post in thread] for thread in threads]}
        )
