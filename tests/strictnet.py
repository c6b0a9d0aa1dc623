"""A network whose log-in is the strict provider's; another package would offer it just so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from karnay.accounts import Account
from karnay.errors import AccountError
from karnay.platforms.answers import ErrorTable, Row
from karnay.platforms.base import Effect, Identity
from karnay.platforms.calls import Call
from karnay.platforms.logins import (
    Asked,
    Choice,
    Login,
    Loopback,
    OAuth,
    Question,
    Refresh,
    Tokens,
    by_get,
    by_refresh_token,
    for_code,
)
from karnay.platforms.wire import Wire, secret
from karnay.secrets import SecretRef


class Details(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    api: str
    token: SecretRef
    client_id: str = "the-app"
    client_secret: SecretRef | None = None
    page: str = ""
    way: str = "oauth"


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _pages(tokens: Tokens, account: Account, wire: Wire) -> list[Choice]:
    return [Choice(f"Page {name}", {"page": name}) for name in ("7", "8")]


STANDARD = OAuth(
    authorize="{api}/authorize",
    code=for_code("{api}/token", basic=True),
    scopes=("read", "write"),
    refresh=Refresh(
        by_refresh_token("{api}/token", basic=True), timedelta(minutes=30), single_use=True
    ),
    loopback=Loopback.ANY_PORT,
    questions=(Question("client_secret", "the app's secret"),),
)
MANY_USES = Refresh(by_refresh_token("{api}/token", basic=True), timedelta(minutes=30))
META = OAuth(
    authorize="{api}/authorize",
    code=for_code("{api}/token"),
    scopes=("read",),
    lengthens=by_get("{api}/lengthen", "ex", access_token="{access_token}"),
    refresh=Refresh(
        by_get("{api}/lengthen", "re", access_token="{access_token}"),
        ahead=timedelta(days=25),
        least_age=timedelta(hours=24),
    ),
)
REGISTERED = OAuth(
    authorize="{api}/authorize",
    code=for_code("{api}/token"),
    scopes=("write:statuses",),
    registers_at="{api}/apps",
    loopback=Loopback.ANY_PORT,
)

WAYS: dict[str, Login] = {
    "oauth": STANDARD,
    "registered": REGISTERED,
    "elsewhere": META,
    "asked": Asked((Question("token", "bot token", "from the bot's father"),)),
    "pages": OAuth(
        authorize="{api}/authorize",
        code=for_code("{api}/token"),
        scopes=("read", "write", "publish"),
        loopback=Loopback.ANY_PORT,
        choices=_pages,
    ),
}


class Strictnet:
    name = "strictnet"
    title = "Strictnet"
    details = Details
    options = Options
    settling = timedelta()
    budgets = ()

    def login(self, account: Account) -> Login:
        return WAYS[account.details.way]  # type: ignore[attr-defined]

    def identify(self, account: Account, wire: Wire) -> Identity:
        details: Any = account.details
        token = secret(details.token)
        call = Call("GET", f"{details.api}/me", {"Authorization": "Bearer {token}"})
        name = wire.ask(
            call,
            effect=Effect.SAFE,
            table=ErrorTable((Row(401, "", AccountError),)),
            read=lambda body: body["name"],
            secrets={"token": token},
        )
        return Identity(f"{name} {details.page}".strip(), facts={})


PLATFORM = Strictnet()
