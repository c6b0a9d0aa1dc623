"""LinkedIn: little text, files in pieces, cards, comments, and how a lost post is found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import ValidationError

from karnay.accounts import Account
from karnay.errors import (
    AccountError,
    NotReady,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
)
from karnay.media.asset import Asset
from karnay.media.asset import Kind as FileKind
from karnay.platforms.base import (
    Absent,
    CannotTell,
    Counts,
    Deletes,
    Edits,
    Effect,
    Exchange,
    Receipt,
    Step,
)
from karnay.platforms.linkedin import PLATFORM, Details, LinkedIn
from karnay.platforms.linkedin_sample import AUTHOR, POST, SAMPLE
from karnay.platforms.linkedin_steps import COMMENT, PIECE, Options, pieces_of
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Card, Part, Variant
from karnay.sandbox.accounts import tables
from karnay.sandbox.linkedin.asking import MEMBER, TOKEN
from karnay.sandbox.server import Sandbox
from karnay.testing.clock import START, FixedClock
from karnay.testing.kit import PlatformKit
from karnay.testing.lab import COMMON, Lab
from karnay.testing.network import reply
from karnay.text.linkedin import detect
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ONE = RichText("one")
PERSON = "urn:li:person:yrZCpj2Z12"
DAY_OVER = datetime(2026, 11, 25, tzinfo=UTC)


class Member(LinkedIn):
    """LinkedIn for a member's own posts."""

    sample = replace(
        SAMPLE,
        account={**SAMPLE.account, "author": PERSON},
        network=(
            *SAMPLE.network,
            Exchange("GET", "/v2/userinfo", 200, {"sub": "yrZCpj2Z12", "name": "A. Rector"}),
        ),
    )


class TestMember(PlatformKit):
    """A member's posts keep all promises, too."""

    platforms: ClassVar = MappingProxyType({"linkedin-member": Member()})


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    for name, value in SAMPLE.secrets.items():
        monkeypatch.setenv(name, value)
    return Lab(PLATFORM)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture
def sandboxed(
    lab: Lab, sandbox: Sandbox, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lab]:
    as_account(lab, sandbox, monkeypatch, TOKEN)
    lab.clock = clock
    lab.wire = Wire(clock, files=lab.shelf)
    yield lab
    lab.wire.close()


@pytest.fixture
def member(sandboxed: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Lab:
    as_account(sandboxed, sandbox, monkeypatch, MEMBER, author="urn:li:person:member-1")
    return sandboxed


def as_account(
    lab: Lab, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, token: str, **changes: str
) -> None:
    monkeypatch.setenv("SANDBOX_TOKEN", token)
    table = {**tables(sandbox.url)["linkedin"], "token": "env:SANDBOX_TOKEN", **changes}
    own = {name: value for name, value in table.items() if name not in COMMON}
    lab.account = Account("linkedin", "linkedin", "en", Details.model_validate(own))


def told(lab: Lab, **changes: Any) -> Account:
    return replace(lab.account, details=lab.account.details.model_copy(update=changes))


def carrying(lab: Lab, part: Part, **options: Any) -> list[Step]:
    variant = Variant("sample", "linkedin", "en", "default/default.md.j2", (part,), options)
    return lab.plan(variant)


def body(steps: Sequence[Step]) -> dict[str, Any]:
    [create] = (step for step in steps if step.part is not None)
    return dict(json.loads(create.call.content()))


def publish(lab: Lab, part: Part, **options: Any) -> list[Step]:
    """As the engine does: what is not ready is asked again, later."""
    return published(lab, carrying(lab, part, **options))[0]


def published(lab: Lab, steps: Sequence[Step]) -> tuple[list[Step], dict[str, Receipt]]:
    receipts: dict[str, Receipt] = {}
    ready = []
    for step in steps:
        ready.append(step.filled(receipts))
        receipts[step.name] = patiently(lab, ready[-1])
    return ready, receipts


def patiently(lab: Lab, step: Step) -> Receipt:
    try:
        return PLATFORM.perform(step, lab.account, lab.wire)
    except NotReady:
        lab.clock.sleep(60)
        return PLATFORM.perform(step, lab.account, lab.wire)


def a_film(lab: Lab, size: int) -> Asset:
    [film] = lab.assets("film")
    content = lab.shelf.contents[film.hash].ljust(size, b"\0")
    lab.shelf.contents[film.hash] = content
    return replace(film, size=size)


def no(status: int, said: str, **more: Any) -> Any:
    return reply(Exchange("", "", status, {"message": said, "status": status, **more}))


def test_it_can_do_all_that_its_network_allows() -> None:
    assert isinstance(PLATFORM, Deletes)
    assert isinstance(PLATFORM, Edits)
    assert isinstance(PLATFORM, Counts)


# What is said


def test_reserved_characters_are_escaped_and_entities_are_not(lab: Lab) -> None:
    text = "A (B) #TICT @[Tashkent](urn:li:organization:1) *c*"
    rich = RichText(text, detect(text))
    assert body(carrying(lab, Part(rich)))["commentary"] == (
        r"A \(B\) #TICT @[Tashkent](urn:li:organization:1) \*c\*"
    )


def test_a_post_is_public_and_in_the_feed(lab: Lab) -> None:
    said = body(carrying(lab, Part(ONE)))
    assert (said["author"], said["visibility"], said["lifecycleState"]) == (
        AUTHOR,
        "PUBLIC",
        "PUBLISHED",
    )
    assert said["distribution"]["feedDistribution"] == "MAIN_FEED"
    assert "content" not in said


def test_options_say_who_sees_it_and_who_may_pass_it_on(lab: Lab) -> None:
    said = body(carrying(lab, Part(ONE), visibility="LOGGED_IN", reshares=False))
    assert (said["visibility"], said["isReshareDisabledByAuthor"]) == ("LOGGED_IN", True)


def test_every_call_names_the_version(lab: Lab) -> None:
    lab.account = told(lab, version="202609")
    [step] = carrying(lab, Part(ONE))
    assert step.call.headers["LinkedIn-Version"] == "202609"


@pytest.mark.parametrize(
    "author", ["1001", "urn:li:organization:", "urn:li:share:1", "urn:li:organization:1/x"]
)
def test_an_author_is_an_organization_or_a_member(author: str) -> None:
    with pytest.raises(ValidationError):
        Details.model_validate({"token": "env:T", "author": author})


def test_without_an_author_the_member_of_the_token_posts(lab: Lab) -> None:
    lab.account = told(lab, author="")
    with pytest.raises(ValueError, match="accounts check sample"):
        carrying(lab, Part(ONE))
    lab.account = replace(lab.account, facts={"author": PERSON})
    assert body(carrying(lab, Part(ONE)))["author"] == PERSON


# What it carries


def test_one_picture_is_media_and_several_are_an_album(lab: Lab) -> None:
    pictures = lab.assets("pictures")
    assert list(body(carrying(lab, Part(ONE, pictures[:1])))["content"]) == ["media"]
    several = body(carrying(lab, Part(ONE, pictures)))["content"]["multiImage"]["images"]
    assert [image["altText"] for image in several] == [asset.alt for asset in pictures]


def test_a_decorative_picture_has_no_alt_text(lab: Lab) -> None:
    [picture, *_] = lab.assets("pictures")
    said = body(carrying(lab, Part(ONE, (replace(picture, alt=""),))))
    assert said["content"]["media"] == {"id": "<start-1.id>"}


CARD = Card("https://example.org/news", "A title", "A summary")


def test_a_card_is_described_by_us(lab: Lab) -> None:
    assert body(carrying(lab, Part(ONE, card=CARD)))["content"] == {
        "article": {"source": CARD.url, "title": CARD.title, "description": CARD.description}
    }


def test_the_picture_of_a_card_is_uploaded_first(lab: Lab) -> None:
    [picture, *_] = lab.assets("pictures")
    steps = carrying(lab, Part(ONE, card=replace(CARD, thumbnail=picture)))
    assert [step.name for step in steps] == ["start-1", "upload-1", "await-1", "create-1"]
    assert body(steps)["content"]["article"]["thumbnail"] == "<start-1.id>"


def test_files_win_over_a_card(lab: Lab) -> None:
    pictures = lab.assets("pictures")
    steps = carrying(lab, Part(ONE, pictures[:1], replace(CARD, thumbnail=pictures[1])))
    assert list(body(steps)["content"]) == ["media"]
    assert sum(step.name.startswith("start-") for step in steps) == 1


@pytest.mark.parametrize(("title", "called"), [("", "document-0"), ("Mine", "Mine")])
def test_a_document_has_a_title(lab: Lab, title: str, called: str) -> None:
    steps = carrying(lab, Part(ONE, lab.assets("document")), title=title)
    assert body(steps)["content"]["media"]["title"] == called


@pytest.mark.parametrize(("title", "told"), [("", {}), ("Mine", {"title": "Mine"})])
def test_a_video_may_have_a_title(lab: Lab, title: str, told: dict[str, str]) -> None:
    steps = carrying(lab, Part(ONE, lab.assets("film")), title=title)
    assert body(steps)["content"]["media"] == {"id": "<start-1.id>", **told}


@pytest.mark.parametrize("media", [True, False])
def test_a_preview_shows_no_card_beside_files(lab: Lab, media: bool) -> None:
    assert PLATFORM.limits(lab.account, media=media).card is not media


@pytest.mark.parametrize(
    ("size", "pieces"),
    [(1, [1]), (PIECE, [PIECE]), (PIECE + 1, [PIECE, 1]), (2 * PIECE, [PIECE, PIECE])],
)
def test_a_video_goes_in_pieces(size: int, pieces: list[int]) -> None:
    film = Asset(FileKind.VIDEO, "film.mp4", "0" * 64, "video/mp4", size)
    assert [piece.size for piece in pieces_of(film)] == pieces


def test_a_video_is_finished_with_the_tags_of_its_pieces_in_order(sandboxed: Lab) -> None:
    film = a_film(sandboxed, PIECE + 70_000)
    steps = publish(sandboxed, Part(ONE, (film,)))
    names = [step.name for step in steps]
    assert names == ["start-1", "upload-1-1", "upload-1-2", "finish-1", "await-1", "create-1"]


def test_no_token_goes_to_the_address_of_a_piece(lab: Lab) -> None:
    steps = carrying(lab, Part(ONE, lab.assets("film")))
    [piece] = (step for step in steps if step.name == "upload-1-1")
    assert "Authorization" not in piece.call.headers


def test_pieces_other_than_documented_are_refused(lab: Lab) -> None:
    [start, *_] = carrying(lab, Part(ONE, lab.assets("film")))
    told_piece = {"uploadUrl": "https://x.example/1", "firstByte": 5, "lastByte": 9}
    value = {"video": "urn:li:video:1", "uploadInstructions": [told_piece]}
    error = lab.failure(start, reply(Exchange("", "", 200, {"value": value})))
    assert isinstance(error, Rejected)


@pytest.mark.parametrize(
    ("status", "error"),
    [("WAITING_UPLOAD", NotReady), ("PROCESSING", NotReady), ("PROCESSING_FAILED", Rejected)],
)
def test_a_file_that_is_worked_on_is_waited_for(
    lab: Lab, status: str, error: type[Exception]
) -> None:
    waiting = lab.ready("await-1")
    assert isinstance(lab.failure(waiting, reply(Exchange("", "", 200, {"status": status}))), error)


def test_why_a_file_cannot_be_used_is_told(lab: Lab) -> None:
    answer = {"status": "PROCESSING_FAILED", "processingFailureReason": "corrupt"}
    error = lab.failure(lab.ready("await-1"), reply(Exchange("", "", 200, answer)))
    assert "corrupt" in str(error)


def test_a_member_may_not_ask_after_files(lab: Lab) -> None:
    lab.account = told(lab, author=PERSON)
    steps = carrying(lab, Part(ONE, lab.assets("pictures")))
    assert not [step for step in steps if step.name.startswith("await")]


def test_a_members_video_is_posted_once_it_is_ready(member: Lab, sandbox: Sandbox) -> None:
    publish(member, Part(ONE, member.assets("film")))
    [post] = sandbox.published("linkedin")
    assert post.media[0].look.kind == "video"


def test_a_video_that_is_not_ready_is_no_refusal_of_the_post(member: Lab) -> None:
    steps = carrying(member, Part(ONE, member.assets("film")))
    receipts: dict[str, Receipt] = {}
    for step in steps[:-1]:
        receipts[step.name] = PLATFORM.perform(step.filled(receipts), member.account, member.wire)
    with pytest.raises(NotReady, match="MEDIA_ASSET_WAITING_UPLOAD"):
        PLATFORM.perform(steps[-1].filled(receipts), member.account, member.wire)


@pytest.mark.parametrize("kind", ["pictures", "film", "document"])
def test_files_arrive_as_they_are(sandboxed: Lab, sandbox: Sandbox, kind: str) -> None:
    assets = sandboxed.assets(kind)
    publish(sandboxed, Part(ONE, assets))
    [post] = sandbox.published("linkedin")
    contents = [sandboxed.shelf.contents[asset.hash] for asset in assets]
    assert [upload.content for upload in post.media] == contents


def test_what_pictures_show_arrives(sandboxed: Lab, sandbox: Sandbox) -> None:
    pictures = sandboxed.assets("pictures")
    publish(sandboxed, Part(ONE, pictures))
    [post] = sandbox.published("linkedin")
    assert [upload.alt for upload in post.media] == [asset.alt for asset in pictures]


def test_a_card_arrives_with_its_picture(sandboxed: Lab, sandbox: Sandbox) -> None:
    [picture, *_] = sandboxed.assets("pictures")
    publish(sandboxed, Part(ONE, card=replace(CARD, thumbnail=picture)))
    [post] = sandbox.published("linkedin")
    assert post.card is not None
    assert (post.card["uri"], post.card["title"]) == (CARD.url, CARD.title)
    assert post.card["thumbnail"]


def test_an_upload_address_that_has_expired_says_so(sandboxed: Lab) -> None:
    [start, upload, *_] = carrying(sandboxed, Part(ONE, sandboxed.assets("pictures")[:1]))
    began = {"start-1": PLATFORM.perform(start, sandboxed.account, sandboxed.wire)}
    sandboxed.clock.move(timedelta(days=2))
    with pytest.raises(Rejected, match="EXPIRED_UPLOAD_URL"):
        PLATFORM.perform(upload.filled(began), sandboxed.account, sandboxed.wire)


@pytest.mark.parametrize("status", [403, 404])
def test_an_address_that_takes_nothing_says_nothing_of_the_account(lab: Lab, status: int) -> None:
    error = lab.failure(lab.ready("upload-1"), no(status, "Forbidden"))
    assert isinstance(error, Rejected)
    assert "queue the post again" in str(error)


# What LinkedIn answers


def test_the_receipt_is_in_a_header(sandboxed: Lab, sandbox: Sandbox) -> None:
    _, receipts = published(sandboxed, carrying(sandboxed, Part(ONE)))
    [post] = sandbox.published("linkedin")
    assert receipts["create-1"] == Receipt(post.id, post.link)


@pytest.mark.parametrize("header", ["", "urn:li:image:1", "urn:li:share:", "12"])
def test_a_success_without_a_posts_urn_is_unclear(lab: Lab, header: str) -> None:
    [step] = carrying(lab, Part(ONE))
    made = reply(Exchange("", "", 201, None, {"x-restli-id": header}))
    assert isinstance(lab.failure(step, made), OutcomeUnknown)


def test_what_a_day_allows_is_given_anew_at_midnight(lab: Lab) -> None:
    [step] = carrying(lab, Part(ONE))
    error = lab.failure(step, no(429, "Resource level throttle MEMBER DAY limit is reached"))
    assert isinstance(error, RateLimited)
    assert error.until == DAY_OVER


def test_a_retired_version_is_for_the_operator(lab: Lab) -> None:
    [step] = carrying(lab, Part(ONE))
    error = lab.failure(step, no(426, "Requested version 20240101 is not active"))
    assert isinstance(error, AccountError)
    assert "`version`" in str(error)


def test_a_duplicate_is_unknown_and_says_where_to_look(sandboxed: Lab, sandbox: Sandbox) -> None:
    publish(sandboxed, Part(ONE))
    [post] = sandbox.published("linkedin")
    with pytest.raises(OutcomeUnknown, match=f"https://www.linkedin.com/feed/update/{post.id}/"):
        publish(sandboxed, Part(ONE))


# The first comment


def test_the_first_comment_is_plain_and_under_the_post(sandboxed: Lab, sandbox: Sandbox) -> None:
    publish(sandboxed, Part(ONE), first_comment="More (here): #tag")
    [post, comment] = sandbox.published("linkedin")
    assert (comment.text, comment.reply_to) == ("More (here): #tag", post.id)


def test_a_comment_is_neither_safe_nor_the_post(lab: Lab) -> None:
    *_, comment = carrying(lab, Part(ONE), first_comment="More")
    assert (comment.effect, comment.part) == (Effect.ONCE, None)


def test_a_member_who_may_not_comment_has_posted_all_the_same(
    member: Lab, sandbox: Sandbox
) -> None:
    steps = carrying(member, Part(ONE), first_comment="More")
    _, receipts = published(member, steps)
    assert "ACCESS_DENIED" in receipts["comment-1"].data["not commented"]
    assert [post.text for post in sandbox.published("linkedin")] == ["one"]


@pytest.mark.parametrize(("length", "fits"), [(COMMENT, True), (COMMENT + 1, False)])
def test_a_comment_has_a_limit(length: int, fits: bool) -> None:
    try:
        Options.model_validate({"first_comment": "a" * length})
    except ValidationError:
        assert not fits
    else:
        assert fits


def test_a_lost_comment_is_found(sandboxed: Lab, sandbox: Sandbox) -> None:
    _, comment = publish(sandboxed, Part(ONE), first_comment="More")
    found = PLATFORM.find(comment, sandboxed.account, sandboxed.wire, START)
    assert isinstance(found, Receipt)
    assert found.id == sandbox.published("linkedin")[1].id


def test_a_comment_that_is_not_there_is_absent(sandboxed: Lab) -> None:
    _, comment = publish(sandboxed, Part(ONE), first_comment="More")
    body = {**comment.call.body, "message": {"text": "Another"}}
    other = replace(comment, call=replace(comment.call, body=body))
    assert PLATFORM.find(other, sandboxed.account, sandboxed.wire, START) == Absent()


# Looking back


def test_a_lost_post_is_found_by_its_words(sandboxed: Lab, sandbox: Sandbox) -> None:
    text = "A (B) #TICT, Янгилик 👍🏽"
    [step] = publish(sandboxed, Part(RichText(text, detect(text))))
    [post] = sandbox.published("linkedin")
    found = PLATFORM.find(step, sandboxed.account, sandboxed.wire, START)
    assert found == Receipt(post.id, post.link)


def test_a_post_that_is_older_is_not_ours(sandboxed: Lab) -> None:
    [step] = publish(sandboxed, Part(ONE))
    later = START + timedelta(hours=1)
    assert PLATFORM.find(step, sandboxed.account, sandboxed.wire, later) == Absent()


def test_a_post_is_looked_for_beyond_the_first_page(sandboxed: Lab) -> None:
    [step] = publish(sandboxed, Part(ONE))
    for number in range(25):
        publish(sandboxed, Part(RichText(f"Other {number}")))
    assert isinstance(PLATFORM.find(step, sandboxed.account, sandboxed.wire, START), Receipt)


def test_an_edited_post_may_have_been_it(sandboxed: Lab) -> None:
    [step] = publish(sandboxed, Part(ONE))
    [receipt] = [PLATFORM.find(step, sandboxed.account, sandboxed.wire, START)]
    assert isinstance(receipt, Receipt)
    [other] = carrying(sandboxed, Part(RichText("two")))
    PLATFORM.edit(other, receipt, sandboxed.account, sandboxed.wire)
    assert isinstance(PLATFORM.find(step, sandboxed.account, sandboxed.wire, START), CannotTell)


def test_a_post_that_was_cut_off_may_be_it(sandboxed: Lab) -> None:
    [step] = publish(sandboxed, Part(ONE))
    said = {**step.call.body, "commentary": "one and more"}
    longer = replace(step, call=replace(step.call, body=said))
    assert isinstance(PLATFORM.find(longer, sandboxed.account, sandboxed.wire, START), CannotTell)


@pytest.mark.parametrize("listed", [{}, {"id": POST}, {"id": POST, "lastModifiedAt": "soon"}])
def test_a_listing_of_another_shape_is_no_absence(lab: Lab, listed: dict[str, str]) -> None:
    [step] = carrying(lab, Part(ONE))
    lab.network.reaction = reply(Exchange("", "", 200, {"elements": [listed]}))
    with pytest.raises(Transient):
        PLATFORM.find(step, lab.account, lab.wire, START)


def test_a_members_post_cannot_be_looked_for(member: Lab) -> None:
    [step] = publish(member, Part(ONE))
    sighting = PLATFORM.find(step, member.account, member.wire, START)
    assert isinstance(sighting, CannotTell)
    assert sighting.for_good


def test_a_post_is_changed_in_its_place(sandboxed: Lab, sandbox: Sandbox) -> None:
    _, receipts = published(sandboxed, carrying(sandboxed, Part(ONE)))
    [changed] = carrying(sandboxed, Part(RichText("two (2)")))
    receipt = PLATFORM.edit(changed, receipts["create-1"], sandboxed.account, sandboxed.wire)
    assert receipt == receipts["create-1"]
    assert [post.text for post in sandbox.published("linkedin")] == ["two (2)"]


def test_a_deleted_post_is_gone_with_its_comments(sandboxed: Lab, sandbox: Sandbox) -> None:
    steps, receipts = published(sandboxed, carrying(sandboxed, Part(ONE), first_comment="More"))
    for step in steps:
        PLATFORM.delete(step, receipts[step.name], sandboxed.account, sandboxed.wire)
    assert sandbox.published("linkedin") == []


def test_what_is_gone_already_may_be_deleted(sandboxed: Lab) -> None:
    [step], receipts = published(sandboxed, carrying(sandboxed, Part(ONE)))
    PLATFORM.delete(step, receipts["create-1"], sandboxed.account, sandboxed.wire)
    PLATFORM.delete(step, receipts["create-1"], sandboxed.account, sandboxed.wire)


def test_404_is_gone(lab: Lab) -> None:
    [step] = carrying(lab, Part(ONE))
    lab.network.reaction = no(404, "Entity not found")
    PLATFORM.delete(step, Receipt(POST), lab.account, lab.wire)
    [sent] = lab.sent()
    assert sent.url.endswith("/rest/posts/urn%3Ali%3Ashare%3A7141000000000000000")


def test_an_organizations_figures_are_told(sandboxed: Lab) -> None:
    steps, receipts = published(sandboxed, carrying(sandboxed, Part(ONE), first_comment="More"))
    figures = PLATFORM.metrics(steps[0], receipts["create-1"], sandboxed.account, sandboxed.wire)
    assert figures == dict.fromkeys(("views", "reach", "clicks", "likes", "reposts"), 0) | {
        "replies": 1
    }


@pytest.mark.parametrize(
    ("urn", "asked"),
    [
        ("urn:li:share:1", "shares=List(urn%3Ali%3Ashare%3A1)"),
        ("urn:li:ugcPost:1", "ugcPosts=List(urn%3Ali%3AugcPost%3A1)"),
    ],
)
def test_figures_are_asked_for_by_the_kind_of_urn(lab: Lab, urn: str, asked: str) -> None:
    [step] = carrying(lab, Part(ONE))
    lab.network.reaction = reply(Exchange("", "", 200, {"elements": []}))
    assert PLATFORM.metrics(step, Receipt(urn), lab.account, lab.wire) == {}
    [sent] = lab.sent()
    assert asked in sent.url


def test_a_members_figures_are_not_told(lab: Lab) -> None:
    [step] = carrying(lab, Part(ONE))
    assert not PLATFORM.metrics(step, Receipt(POST), told(lab, author=PERSON), lab.wire)
    assert not lab.sent()


# Who we are


def test_an_organization_is_known_by_its_name(sandboxed: Lab) -> None:
    identity = PLATFORM.identify(sandboxed.account, sandboxed.wire)
    assert identity.name == "Organization 1001"


def test_an_organization_whose_name_may_not_be_asked_is_known_by_its_number(lab: Lab) -> None:
    answers = [one for one in SAMPLE.network if "organizations/" not in one.path]
    refused = Exchange("GET", "organizations/5515715", 403, {"message": "Not enough permissions"})
    lab.network.exchanges = [*answers, refused]
    assert PLATFORM.identify(lab.account, lab.wire).name == "5515715"


def test_a_member_without_a_role_may_not_post_for_an_organization(lab: Lab) -> None:
    with pytest.raises(AccountError, match="urn:li:organization:7"):
        PLATFORM.identify(told(lab, author="urn:li:organization:7"), lab.wire)


def test_a_members_urn_is_learnt(member: Lab) -> None:
    member.account = told(member, author="")
    identity = PLATFORM.identify(member.account, member.wire)
    assert identity.facts == {"author": "urn:li:person:member-1"}


def test_a_token_of_another_member_is_refused(member: Lab) -> None:
    with pytest.raises(AccountError, match="not of urn:li:person:other"):
        PLATFORM.identify(told(member, author="urn:li:person:other"), member.wire)


def test_pages_ask_for_other_permissions_than_members(lab: Lab) -> None:
    assert "w_organization_social" in PLATFORM.login(lab.account).scopes
    assert "w_member_social" in PLATFORM.login(told(lab, author=PERSON)).scopes
