"""Logging in to Threads: a token of an hour, traded at once for one of sixty days.

https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions
"""

from __future__ import annotations

from datetime import timedelta

from karnay.platforms.logins import OAuth, Question, Refresh, by_get, for_code

_SECRET = {"client_secret": "{client_secret}"}
_TOKEN = {"access_token": "{access_token}"}

LOGIN = OAuth(
    authorize="https://threads.net/oauth/authorize",
    code=for_code("{api}/oauth/access_token"),
    lengthens=by_get("{api}/access_token", "th_exchange_token", **_SECRET, **_TOKEN),
    refresh=Refresh(
        by_get("{api}/refresh_access_token", "th_refresh_token", **_TOKEN),
        ahead=timedelta(days=20),
        least_age=timedelta(days=1),
    ),
    lifetime=timedelta(days=60),
    scopes=(
        "threads_basic",
        "threads_content_publish",
        "threads_manage_replies",
        "threads_read_replies",
        "threads_manage_insights",
        "threads_delete",
    ),
    separator=",",
    pkce=False,
    client=("app", "app_secret"),
    questions=(
        Question(
            "app_secret",
            "Threads app secret",
            "of the app's use case for Threads: it is not the Meta app's own",
        ),
    ),
)
"""https://developers.facebook.com/docs/threads/get-started/long-lived-tokens

A token that is a day old at least is renewed; one that has ended is not.
"""
