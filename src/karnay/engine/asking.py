"""One request to a network: whatever goes wrong, foreseen or not, has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import structlog

from karnay.errors import (
    AccountError,
    BadConfiguration,
    NoAnswer,
    NotPossible,
    PublishingError,
)
from karnay.platforms.answers import ambiguous
from karnay.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.accounts import Account
    from karnay.delivery.delivery import Delivery
    from karnay.platforms.base import Effect

T = TypeVar("T")

log = structlog.get_logger(__name__)


def asked(question: Callable[[], T], effect: Effect) -> T:
    """The answer. Raises PublishingError, and nothing else.

    Of what nobody foresaw, the effect says what it may have left behind.
    """
    try:
        return question()
    except PublishingError:
        raise
    except BadConfiguration as error:
        raise AccountError(redact(str(error))) from None
    except Exception as error:
        log.exception("unforeseen")
        said = redact(f"{type(error).__name__}: {error}")
        raise ambiguous(effect, said, kind=NoAnswer) from error


def its_account(delivery: Delivery, accounts: Mapping[str, Account]) -> Account:
    """The account to which the delivery went. Raises NotPossible where it is there no more."""
    account = accounts.get(delivery.account)
    if account is None or account.platform != delivery.platform:
        gone = "is no longer in karnay.toml" if account is None else f"is on {account.platform} now"
        raise NotPossible(f'delivery {delivery.id}: account "{delivery.account}" {gone}')
    return account
