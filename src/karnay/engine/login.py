"""One account's way into the vault: questions, or a browser; a look at who we are; then kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from karnay.errors import AccountError, BadConfiguration, NotPossible
from karnay.platforms.authorizing import Authorizing
from karnay.platforms.logins import Choice, OAuth, Tokens, places
from karnay.platforms.registry import platform
from karnay.secrets import SecretRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.accounts import Account
    from karnay.platforms.authorizing import Authorization
    from karnay.platforms.base import Identity
    from karnay.platforms.logins import Login, Question
    from karnay.platforms.wire import Wire
    from karnay.store.vault import Vault


@dataclass
class LogIn:
    """What was got so far is held in memory; `keep` puts it into the vault, all or nothing.

    Ask the `questions`, `answer` them; then, where there is `oauth`, `begin`, send a browser
    there, and `finish` with the address it ended on; of several `choices`, `choose` one.
    """

    account: Account
    login: Login
    vault: Vault
    wire: Wire
    chosen: Choice | None = None
    _got: dict[str, Tokens] = field(default_factory=dict, repr=False)  # by name in the vault

    @property
    def oauth(self) -> OAuth | None:
        """How the browser is used, if it is."""
        return self.login if isinstance(self.login, OAuth) else None

    @property
    def questions(self) -> list[Question]:
        """The secrets that the vault is to keep and a person has."""
        return [one for one in self.login.questions if self._reference(one.key) is not None]

    def require_vault(self) -> None:
        """Raise BadConfiguration unless karnay.toml has the vault keep what the log-in gives."""
        wanted = places(self.login, self.account.name)
        needed = [self.oauth.fills] if self.oauth else list(wanted)
        if not any(self._reference(key) for key in needed):
            said = f'to have karnay keep it, write {needed[0]} = "vault:{wanted[needed[0]]}"'
            raise BadConfiguration.of(said, path=f"accounts.{self.account.name}.{needed[0]}")

    def answer(self, answers: Mapping[str, str]) -> None:
        """What the person said, by key of the account's details. Raises NotPossible for nothing."""
        for key, said in answers.items():
            if not said.strip():
                raise NotPossible(f"no {key} was given: nothing was changed")
            self._put(key, Tokens(said.strip(), self.wire.clock.now()))

    def begin(self, redirect_uri: str) -> Authorization:
        """Where to send the browser. Raises PublishingError, BadConfiguration."""
        return self._authorizing.begin(redirect_uri)

    def finish(self, authorization: Authorization, ended_on: str) -> Sequence[Choice]:
        """Trade the code for tokens; the places among which to choose, none where there is one.

        Raises PublishingError: AccountError where the person or the network said no.
        """
        authorizing = self._authorizing
        tokens = authorizing.finish(authorization, ended_on)
        self._put(authorizing.oauth.fills, tokens)
        if authorizing.oauth.choices is None:
            return []
        return self._fitting(authorizing.oauth.choices(tokens, self.account, self.wire))

    def choose(self, choice: Choice) -> None:
        """Mean that place from now on."""
        self.chosen = choice
        details = self.account.details.model_copy(update=dict(choice.details))
        self.account = replace(self.account, details=details)
        if choice.tokens is not None and self.oauth is not None:
            self._put(self.oauth.fills, choice.tokens)

    def identify(self) -> Identity:
        """Ask the network who we are with what was got. Raises PublishingError."""
        return platform(self.account.platform).identify(self.account, self.wire)

    def keep(self) -> None:
        """Put all that was got into the vault. Raises BadConfiguration."""
        refresh = self.oauth.refresh if self.oauth else None
        self.vault.keep_all(
            {
                name: (tokens, refresh.due(tokens) if refresh else None)
                for name, tokens in self._got.items()
            }
        )

    @property
    def _authorizing(self) -> Authorizing:
        if self.oauth is None:
            raise NotPossible(f"{self.account.platform} logs in without a browser")
        return Authorizing(self.oauth, self.account, self.wire)

    def _fitting(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """Those that karnay.toml means already, else all. Raises AccountError for none."""
        named = [one for one in choices if self._means(one)]
        if not choices:
            raise AccountError("the log-in opens no place to publish to: is it the right person's?")
        return named or choices

    def _means(self, choice: Choice) -> bool:
        details = self.account.details
        return all(str(getattr(details, key, "")) == said for key, said in choice.details.items())

    def _reference(self, key: str) -> str | None:
        reference = getattr(self.account.details, key, None)
        return reference.kept_as if isinstance(reference, SecretRef) else None

    def _put(self, key: str, tokens: Tokens) -> None:
        """Hold the tokens, and have the account use them as if they were in the vault."""
        name = self._reference(key)
        if name is None:
            raise NotPossible(f"accounts.{self.account.name}.{key} is not kept in the vault")
        self._got[name] = tokens
        held = SecretRef(f"vault:{name}", vault=lambda _: tokens.access_token)
        details = self.account.details.model_copy(update={key: held})
        self.account = replace(self.account, details=details)
