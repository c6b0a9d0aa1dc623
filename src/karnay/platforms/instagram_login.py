"""Logging in to Instagram: its own log-in, or the token of the Page that the account belongs to.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
"""

from __future__ import annotations

from datetime import timedelta

from karnay.platforms.logins import Asked, OAuth, Question, Refresh, Trade, by_get

_SECRET = {"client_secret": "{client_secret}"}
_CLIENT = {"client_id": "{client_id}", **_SECRET}
_TOKEN = {"access_token": "{access_token}"}

OWN = OAuth(
    authorize="https://www.instagram.com/oauth/authorize",
    code=Trade(
        "https://api.instagram.com/oauth/access_token",
        {
            **_CLIENT,
            "grant_type": "authorization_code",
            "redirect_uri": "{redirect_uri}",
            "code": "{code}",
        },
    ),
    lengthens=by_get(
        "https://graph.instagram.com/access_token", "ig_exchange_token", **_SECRET, **_TOKEN
    ),
    refresh=Refresh(
        by_get("https://graph.instagram.com/refresh_access_token", "ig_refresh_token", **_TOKEN),
        ahead=timedelta(days=20),
        least_age=timedelta(days=1),
    ),
    lifetime=timedelta(days=60),
    scopes=(
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
    ),
    separator=",",
    pkce=False,
    client=("app", "app_secret"),
    questions=(Question("app_secret", "Instagram app secret", "of the app's Instagram product"),),
)
"""A token lives for 60 days, and can be renewed once it is a day old."""

BY_PAGE = Asked(
    (Question("token", "Page token", "of the Page that the account belongs to: it does not end"),)
)
"""https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login"""
