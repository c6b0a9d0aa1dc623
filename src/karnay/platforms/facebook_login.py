"""Logging in to a Facebook Page: a person's token, lengthened, opens the Page's own.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.graph import BEARER, GraphErrors, number
from karnay.platforms.logins import Choice, OAuth, Question, Tokens, Trade, by_get

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire

_CLIENT = {"client_id": "{client_id}", "client_secret": "{client_secret}"}
_USER = {"fb_exchange_token": "{access_token}"}
_TOKENS = "{api}/{version}/oauth/access_token"


def pages(tokens: Tokens, account: Account, wire: Wire) -> Sequence[Choice]:
    """The Pages that the person may publish to, each with its own token, which does not end.

    Where karnay.toml names one of them, only that. Raises a PublishingError.
    """
    details: Any = account.details
    call = Call("GET", f"{details.base}/me/accounts?fields=id,name,access_token&limit=100", BEARER)
    choices: list[Choice] = wire.ask(
        call,
        effect=Effect.SAFE,
        table=GraphErrors(),
        read=lambda body: [_choice(page, tokens) for page in body["data"]],
        secrets={"token": tokens.access_token},
    )
    ours = [choice for choice in choices if choice.details["page"] == details.page]
    return ours or choices


def _choice(page: Mapping[str, Any], tokens: Tokens) -> Choice:
    own = Tokens(access_token=number(page, "access_token"), got_at=tokens.got_at)
    return Choice(number(page, "name"), {"page": number(page)}, own)


LOGIN = OAuth(
    authorize="https://www.facebook.com/{version}/dialog/oauth",
    code=Trade(_TOKENS, {**_CLIENT, "redirect_uri": "{redirect_uri}", "code": "{code}"}, "GET"),
    lengthens=by_get(_TOKENS, "fb_exchange_token", **_CLIENT, **_USER),
    scopes=(
        "pages_show_list",
        "pages_manage_posts",
        "pages_read_engagement",
        "pages_manage_engagement",
        "pages_read_user_content",
        "read_insights",
    ),
    separator=",",
    pkce=False,
    client=("app", "app_secret"),
    questions=(
        Question("app_secret", "app secret", "from https://developers.facebook.com/apps: Basic"),
    ),
    choices=pages,
)
"""https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow"""
