"""The kit is worth something: each planted mistake fails the promise that it breaks."""

from __future__ import annotations

import contextlib
import html
import logging
import os
import subprocess
import sys
import time
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ConfigDict

from karnay.errors import (
    NotSent,
    OutcomeUnknown,
    PublishingError,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.platforms.base import Absent, Effect, Receipt, Step
from karnay.platforms.calls import Call, File, Form, Ref, files_in
from karnay.platforms.logins import Asked, OAuth, Question, for_code
from karnay.platforms.mastodon import Mastodon
from karnay.platforms.telegram import Details, Telegram
from karnay.testing.kit import PlatformKit
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Callable

    from karnay.accounts import Account
    from karnay.media.asset import Asset
    from karnay.platforms.base import Key, Sighting
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Part, Variant

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent


def token(account: Account) -> str:
    assert isinstance(account.details, Details)
    return account.details.token.reveal()


def rewritten(step: Step, **fields: Any) -> Step:
    body = {**step.call.fields, **fields}
    is_form = isinstance(step.call.body, Form)
    return replace(step, call=replace(step.call, body=Form(body) if is_form else body))


class Sound(Telegram):
    """No mistake at all."""


class KeysFromTheClock(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return super().plan(variant, account, replace(key, seed=str(time.perf_counter_ns())))


class DatesFromTheClock(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        today = datetime.now(UTC).date().isoformat()
        return [rewritten(step, date=today) for step in super().plan(variant, account, key)]


class OneKeyForAll(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return [replace(step, key=key.seed) for step in super().plan(variant, account, key)]


class TokenInThePlan(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        secret = self.sample.secrets["TELEGRAM_TOKEN"]
        return [
            replace(step, call=replace(step.call, url=step.call.url.format(token=secret)))
            for step in super().plan(variant, account, key)
        ]


class PublishingCalledSafe(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return [replace(step, effect=Effect.SAFE) for step in super().plan(variant, account, key)]


class ThreadAsAStar(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        first, *later = super().plan(variant, account, key)
        reply = {"message_id": Ref("create-1", number=True)}
        return [first, *(rewritten(step, reply_parameters=reply) for step in later)]


class OffsetsInCodePoints(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        steps = super().plan(variant, account, key)
        return [
            rewritten(step, entities=self._entities(part.text))
            for step, part in zip(steps, variant.parts, strict=True)
        ]

    def _entities(self, text: RichText) -> list[dict[str, Any]]:
        return [
            {"type": "bold", "offset": span.start, "length": span.end - span.start}
            for span in text.spans
        ]


class FormattingLost(Telegram):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return [rewritten(step, entities=[]) for step in super().plan(variant, account, key)]


class _Rewording(Telegram):
    reword: Callable[[str], str]

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        parts = tuple(map(self._reworded, variant.parts))
        return super().plan(replace(variant, parts=parts), account, key)

    def _reworded(self, part: Part) -> Part:
        return replace(part, text=RichText(type(self).reword(part.text.text)))


class TextNormalised(_Rewording):
    reword = staticmethod(lambda text: unicodedata.normalize("NFC", text))


class TextEscaped(_Rewording):
    reword = staticmethod(html.escape)


class TextTrimmed(_Rewording):
    reword = staticmethod(lambda text: " ".join(text.split()))


class AnotherRequestThanPlanned(Telegram):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        return super().perform(rewritten(step, disable_notification=True), account, wire)


class NoTimeout(Telegram):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        wire._client.timeout = None
        return super().perform(step, account, wire)


class _Failing(Telegram):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        try:
            return super().perform(step, account, wire)
        except PublishingError as error:
            raise self.failed(error, account) from None

    def failed(self, error: PublishingError, account: Account) -> Exception:
        raise NotImplementedError


class TimeoutCalledNotSent(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return NotSent(str(error)) if isinstance(error, OutcomeUnknown) else error


class TimeoutCalledANo(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return Rejected(str(error)) if isinstance(error, OutcomeUnknown) else error


class UnreachableCalledUnknown(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return OutcomeUnknown(str(error)) if isinstance(error, NotSent) else error


class ForeignError(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return RuntimeError(str(error))


class TokenInTheError(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return OutcomeUnknown(f"{error} with {token(account)}")


class WordsOfOurOwn(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return Rejected("it did not work") if isinstance(error, Rejected) else error


class EveryRefusalIsTheContents(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        return error if isinstance(error, OutcomeUnknown | NotSent) else Rejected(str(error))


class WaitsAsItLikes(_Failing):
    def failed(self, error: PublishingError, account: Account) -> Exception:
        if isinstance(error, RateLimited):
            return RateLimited(str(error), error.until - timedelta(minutes=1))
        return error


class RetriesByItself(Telegram):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        try:
            return super().perform(step, account, wire)
        except OutcomeUnknown:
            return super().perform(step, account, wire)


class LogsTheToken(Telegram):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        logging.getLogger(__name__).debug("sending with %s", token(account))
        return super().perform(step, account, wire)


class LooksByPosting(Telegram):
    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        return self.perform(step, account, wire)


class FailedLookIsAbsence(Telegram):
    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        try:
            wire.send(Call("GET", "https://t.me/s/tict_uz"), effect=Effect.SAFE)
        except PublishingError:
            return Absent()
        return super().find(step, account, wire, since)


class AnyOptionWillDo(Telegram):
    class _Options(BaseModel):
        model_config = ConfigDict(frozen=True)

    options = _Options


class PlainSecretsWillDo(Telegram):
    class _Details(Details):
        token: str  # type: ignore[assignment]

    details = _Details


class LogInFillsNoKey(Telegram):
    login = Asked((Question("tokken", "bot token"),))


class LogInFillsAName(Telegram):
    login = Asked((Question("chat", "bot token"),))


class LogInInTheClear(Telegram):
    login = OAuth("https://x.example", for_code("http://x.example/token"), scopes=())


class LogInSomewhere(Telegram):
    login = OAuth("{sevrer}/authorize", for_code("https://x.example/token"), scopes=())


class SoundMastodon(Mastodon):
    """No mistake at all."""


def carrying(step: Step) -> bool:
    return bool(files_in(step.call.body))


class _Replanning(Mastodon):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return self.replanned(super().plan(variant, account, key))

    def replanned(self, steps: list[Step]) -> list[Step]:
        raise NotImplementedError


class _Recarrying(Mastodon):
    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        first, *others = variant.parts
        parts = (replace(first, media=self.recarried(first.media)), *others)
        return super().plan(replace(variant, parts=parts), account, key)

    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        raise NotImplementedError


class AltDropped(_Recarrying):
    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        return tuple(replace(asset, alt="") for asset in media)


class AltNormalised(_Recarrying):
    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        return tuple(replace(asset, alt=asset.alt.title()) for asset in media)


class PictureForgotten(_Recarrying):
    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        return media[:-1]


class PicturesTurnedRound(_Recarrying):
    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        return media[::-1]


class PictureTwice(_Recarrying):
    def recarried(self, media: tuple[Asset, ...]) -> tuple[Asset, ...]:
        return (*media, *media[:1])


class BeginningCutOff(_Replanning):
    def replanned(self, steps: list[Step]) -> list[Step]:
        return [self._cut(step) if carrying(step) else step for step in steps]

    def _cut(self, step: Step) -> Step:
        cut = {name: self._without_beginning(value) for name, value in step.call.fields.items()}
        return replace(step, call=replace(step.call, body=Form(cut)))

    def _without_beginning(self, value: object) -> object:
        return replace(value, start=10) if isinstance(value, File) else value


class UploadAfterPublishing(_Replanning):
    def replanned(self, steps: list[Step]) -> list[Step]:
        return sorted(steps, key=carrying)


class UploadCalledOnce(_Replanning):
    def replanned(self, steps: list[Step]) -> list[Step]:
        return [replace(step, effect=Effect.ONCE) if carrying(step) else step for step in steps]


class OneUploadForAll(_Replanning):
    def replanned(self, steps: list[Step]) -> list[Step]:
        return [step if carrying(step) else self._of_the_first(step) for step in steps]

    def _of_the_first(self, step: Step) -> Step:
        files = step.call.fields.get("media_ids")
        return rewritten(step, media_ids=[Ref("upload-1")] * len(files)) if files else step


class UploadErrorSwallowed(Mastodon):
    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        try:
            return super().perform(step, account, wire)
        except Transient:
            return Receipt("")


class TakesDownAnother(Mastodon):
    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        super().delete(step, replace(receipt, id="1"), account, wire)


class TakenDownWhateverHappens(Mastodon):
    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        with contextlib.suppress(PublishingError):
            super().delete(step, receipt, account, wire)


class EditsByPostingAnew(Mastodon):
    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        super().edit(step, receipt, account, wire)
        return self.perform(step, account, wire)


class CountsInWords(Mastodon):
    def metrics(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> dict[str, Any]:
        return {"likes": "12"}


def run(
    pytester: pytest.Pytester, mistake: type[Telegram | Mastodon], *options: str
) -> pytest.RunResult:
    pytester.syspathinsert(TESTS)
    pytester.makepyfile(
        f"""
        from {__name__} import {PlatformKit.__name__}, {mistake.__name__}

        class TestIt(PlatformKit):
            platforms = {{"planted": {mistake.__name__}()}}
        """
    )
    return pytester.runpytest_inprocess("--disable-plugin-autoload", *options)


@pytest.mark.parametrize("sound", [Sound, SoundMastodon])
def test_a_sound_platform_passes(
    pytester: pytest.Pytester, sound: type[Telegram | Mastodon]
) -> None:
    assert set(run(pytester, sound).parseoutcomes()) == {"passed"}


@pytest.mark.parametrize(
    ("mistake", "promise"),
    [
        (KeysFromTheClock, "test_a_plan_is_the_same_when_made_again"),
        (DatesFromTheClock, "test_a_plan_is_the_same_a_year_later"),
        (OneKeyForAll, "test_every_step_has_a_key_of_its_own"),
        (TokenInThePlan, "test_a_plan_holds_no_secret"),
        (PublishingCalledSafe, "test_what_publishes_is_never_called_safe"),
        (ThreadAsAStar, "test_a_later_part_follows_the_one_before_it"),
        (OffsetsInCodePoints, "test_formatting_marks_what_it_is_meant_for"),
        (FormattingLost, "test_no_formatting_is_lost"),
        (TextNormalised, "test_a_text_arrives_as_it_was_written"),
        (TextEscaped, "test_a_text_arrives_as_it_was_written"),
        (TextTrimmed, "test_a_text_is_in_the_plan_as_it_was_written"),
        (AnotherRequestThanPlanned, "test_what_is_sent_is_what_was_planned"),
        (NoTimeout, "test_every_request_has_all_its_timeouts"),
        (TimeoutCalledNotSent, "test_an_unclear_end_is_never_called_a_no"),
        (TimeoutCalledANo, "test_an_unclear_end_is_never_called_a_no"),
        (UnreachableCalledUnknown, "test_what_never_left_was_not_sent"),
        (ForeignError, "test_a_strange_status_ends_in_one_of_our_errors"),
        (TokenInTheError, "test_no_error_tells_a_secret"),
        (WordsOfOurOwn, "test_a_refusal_is_in_the_networks_own_words"),
        (EveryRefusalIsTheContents, "test_a_documented_refusal_is_its_named_error"),
        (WaitsAsItLikes, "test_too_many_requests_waits_as_long_as_told"),
        (RetriesByItself, "test_a_failure_is_not_repeated_by_the_platform"),
        (LogsTheToken, "test_no_log_tells_a_secret_at_debug"),
        (LooksByPosting, "test_looking_changes_nothing"),
        (FailedLookIsAbsence, "test_a_failed_look_is_no_absence"),
        (AnyOptionWillDo, "test_an_unknown_option_is_refused"),
        (PlainSecretsWillDo, "test_a_secret_itself_is_refused"),
        (LogInFillsNoKey, "test_a_log_in_fills_references_of_the_accounts_table"),
        (LogInFillsAName, "test_a_log_in_fills_references_of_the_accounts_table"),
        (LogInInTheClear, "test_a_log_in_goes_to_safe_addresses"),
        (LogInSomewhere, "test_the_addresses_of_a_log_in_name_keys_of_the_accounts_table"),
        (AltDropped, "test_what_a_file_shows_is_told"),
        (AltNormalised, "test_what_a_file_shows_is_told"),
        (PictureForgotten, "test_every_file_goes_along_in_its_order"),
        (PicturesTurnedRound, "test_every_file_goes_along_in_its_order"),
        (PictureTwice, "test_every_byte_of_a_file_goes_along_once"),
        (BeginningCutOff, "test_every_byte_of_a_file_goes_along_once"),
        (UploadAfterPublishing, "test_files_are_carried_before_anything_is_public"),
        (UploadCalledOnce, "test_files_are_carried_before_anything_is_public"),
        (OneUploadForAll, "test_every_upload_is_used"),
        (UploadErrorSwallowed, "test_an_unclear_end_is_never_called_a_no"),
        (TakesDownAnother, "test_what_is_taken_down_is_the_very_post"),
        (TakenDownWhateverHappens, "test_what_fails_afterwards_is_one_of_our_errors"),
        (EditsByPostingAnew, "test_what_is_changed_is_the_very_post"),
        (CountsInWords, "test_counts_are_whole_numbers"),
    ],
)
def test_a_mistake_fails_the_promise_that_it_breaks(
    pytester: pytest.Pytester, mistake: type[Telegram | Mastodon], promise: str
) -> None:
    outcomes = run(pytester, mistake, "-k", promise).parseoutcomes()
    assert outcomes.get("failed", 0) >= 1
    assert "errors" not in outcomes


def test_a_platform_of_another_package_gets_its_tests(tmp_path: Path) -> None:
    """Registered by nothing but its entry point, it runs through every promise."""
    (tmp_path / "pigeon_post.py").write_text(PIGEON, encoding="utf-8")
    about = tmp_path / "pigeon_post-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-post\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[karnay.platforms]\npigeon = pigeon_post:PLATFORM\n")
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "pigeon", "platforms/test_kit.py"],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert " passed, " in found.stdout


PIGEON = """
from dataclasses import replace

from karnay.platforms.telegram import SAMPLE, Telegram


class Pigeon(Telegram):
    name = "pigeon"
    title = "Pigeon post"
    sample = replace(SAMPLE, account={**SAMPLE.account, "platform": "pigeon"})


PLATFORM = Pigeon()
"""
