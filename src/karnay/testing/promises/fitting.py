"""What limits and settings promise: they measure, and whatever they do not know they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, ValidationError

from karnay.testing.lab import COMMON
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from karnay.platforms.base import Platform
    from karnay.testing.lab import Lab

media_or_not = pytest.mark.parametrize("media", [False, True], ids=["text", "media"])


class Fitting:
    """A post that would be refused is refused when it is written."""

    @media_or_not
    def test_the_first_counter_counts(self, lab: Lab, media: bool) -> None:
        """Nothing is nothing, and a plain letter is one."""
        limits = lab.platform.limits(lab.account, media=media)
        assert [limits.used(RichText(text)) for text in ("", "a", "aaa")] == [0, 1, 3]

    @media_or_not
    def test_a_text_fits_up_to_the_limit_and_no_further(self, lab: Lab, media: bool) -> None:
        """The limit itself is allowed."""
        limits = lab.platform.limits(lab.account, media=media)
        full = RichText("a" * limits.limit)
        assert [limits.fits(full), limits.fits(full + RichText("a"))] == [True, False]

    def test_limits_stand_when_the_server_has_been_asked(self, lab: Lab) -> None:
        """What `identify` learns can be used as it is."""
        facts = lab.platform.identify(lab.account, lab.wire).facts
        assert lab.platform.limits(lab.told(facts)).limit > 0

    def test_an_unknown_option_is_refused(self, platform: Platform) -> None:
        """A misspelt option must not be silently left out."""
        with pytest.raises(ValidationError):
            platform.options.model_validate({"no_such_option": True})

    def test_no_option_is_required(self, platform: Platform) -> None:
        """A post that says nothing about a platform is a post for it."""
        assert platform.options.model_validate({})

    def test_an_unknown_detail_is_refused(self, platform: Platform) -> None:
        """Nor may a misspelt line of karnay.toml be."""
        with pytest.raises(ValidationError):
            platform.details.model_validate({**_details(platform), "no_such_detail": "x"})

    def test_a_secret_itself_is_refused(self, platform: Platform) -> None:
        """karnay.toml holds references: it is kept under version control."""
        plain = dict.fromkeys(_references(platform), "plain-secret")
        with pytest.raises(ValidationError, match="must be a reference"):
            platform.details.model_validate({**_details(platform), **plain})

    @pytest.mark.parametrize("model", ["details", "options"])
    def test_settings_cannot_be_changed(self, platform: Platform, model: str) -> None:
        """They are read once and shared by all threads."""
        settings: type[BaseModel] = getattr(platform, model)
        assert settings.model_config.get("frozen") is True

    def test_the_platform_says_its_name(self, platform: Platform) -> None:
        """The registry, the CLI and the documents are made of it."""
        assert platform.name == platform.name.lower()
        assert platform.title
        assert platform.sample.account["platform"] == platform.name
        assert platform.sample.refusals


def _details(platform: Platform) -> dict[str, object]:
    table = platform.sample.account.items()
    return {name: value for name, value in table if name not in COMMON}


def _references(platform: Platform) -> list[str]:
    return [name for name, value in _details(platform).items() if str(value).startswith("env:")]
