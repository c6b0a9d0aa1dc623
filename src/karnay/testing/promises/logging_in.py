"""What logging in promises: it fills references of the account's own table, over safe addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from karnay.platforms.logins import OAuth, login_of, places
from karnay.secrets import SecretRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.testing.lab import Lab


class LoggingIn:
    """A platform need not have a log-in; one that has describes it soundly."""

    def test_a_log_in_fills_references_of_the_accounts_table(self, lab: Lab) -> None:
        """What it gives is kept in the vault, and the table must be able to say so."""
        assert _filled(lab) <= _references(lab)

    def test_a_log_in_goes_to_safe_addresses(self, lab: Lab) -> None:
        """Over TLS, or wherever the account's table says: a sandbox stands in that way."""
        assert not [url for url in _addresses(lab) if not url.startswith(("https://", "{"))]

    def test_the_addresses_of_a_log_in_name_keys_of_the_accounts_table(self, lab: Lab) -> None:
        """Those in braces."""
        named = {key for url in _addresses(lab) for key in re.findall(r"\{(\w+)\}", url)}
        assert named <= set(lab.platform.details.model_fields)


def _filled(lab: Lab) -> set[str]:
    login = login_of(lab.platform, lab.account)
    return set(places(login, lab.account.name)) if login else set()


def _references(lab: Lab) -> set[str]:
    fields = lab.platform.details.model_fields.items()
    return {
        name
        for name, field in fields
        if SecretRef in (field.annotation, *get_args(field.annotation))
    }


def _addresses(lab: Lab) -> Iterator[str]:
    login = login_of(lab.platform, lab.account)
    if not isinstance(login, OAuth):
        return
    yield login.authorize
    renewing = login.refresh.trade if login.refresh else None
    yield from (trade.url for trade in (login.code, login.lengthens, renewing) if trade)
    yield from filter(None, [login.registers_at])
