"""Editing in place: the same parts and files, other words; what failed can be repeated."""

from dataclasses import dataclass, field, replace

import pytest

from builders import NOON, a_variant, an_order
from karnay.accounts import Account
from karnay.engine.editing import Editor
from karnay.engine.publisher import Publisher
from karnay.errors import NoAnswer, NotPossible, Rejected
from karnay.media.asset import Asset, Kind
from karnay.platforms.base import Key, Receipt, Step
from karnay.platforms.registry import platform
from karnay.platforms.wire import Wire
from karnay.rendering.variant import Variant
from karnay.store.database import Database
from karnay.store.edits import Edits
from karnay.store.queue import Queue
from karnay.store.takedowns import Takedowns

PICTURE = Asset(Kind.IMAGE, "a.jpg", "0" * 64, "image/jpeg", 3)


@dataclass
class Editing:
    """Plans as Telegram does; edits all, but for the `answers`, one a request."""

    title: str = "Telegram"
    answers: list[Exception | None] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        return platform("telegram").plan(variant, account, key)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        self.asked.append((receipt.id, step.call.fields["text"]))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        return replace(receipt, data={"edited": "yes"})


@dataclass
class Lasting:
    """A network that lets nothing be edited."""

    title: str = "Stone"


@pytest.fixture
def editing() -> Editing:
    return Editing()


@pytest.fixture
def editor(publisher: Publisher, database: Database, editing: Editing) -> Editor:
    return Editor(
        database,
        Edits(database, "nilufar"),
        Takedowns(database, "nilufar"),
        publisher.accounts,
        publisher.clock,
        publisher.wire,
        networks=lambda _: editing,
    )


def with_picture(variant: Variant) -> Variant:
    [part] = variant.parts
    return replace(variant, parts=(replace(part, media=(PICTURE,)),))


def test_only_the_parts_that_differ_are_edited(
    editor: Editor, publishing, editing: Editing
) -> None:
    delivery = publishing("One.", "Two.")
    proposal = editor.propose(delivery, a_variant("One.", "Two, mended."))
    assert editor.edit(proposal) == {}
    assert editing.asked == [("2", "Two, mended.")]


def test_a_delivery_that_says_so_already_has_nothing_to_edit(editor: Editor, publishing) -> None:
    assert editor.propose(publishing("One."), a_variant("One.")).changes == ()


def test_once_edited_it_says_so_already(editor: Editor, publishing) -> None:
    delivery, mended = publishing("One."), a_variant("One, mended.")
    editor.edit(editor.propose(delivery, mended))
    assert editor.propose(delivery, mended).changes == ()
    assert editor.edits.wording(delivery) == mended


def test_what_it_said_before_can_be_put_back(editor: Editor, publishing, editing: Editing) -> None:
    delivery = publishing("One.")
    editor.edit(editor.propose(delivery, a_variant("One, mended.")))
    editor.edit(editor.propose(delivery, a_variant("One.")))
    assert editing.asked == [("1", "One, mended."), ("1", "One.")]


def test_a_part_that_is_left_as_it_is_keeps_none_of_the_others(
    editor: Editor, publishing, editing: Editing
) -> None:
    editing.answers = [Rejected("too old")]
    refusals = editor.edit(editor.propose(publishing("One.", "Two."), a_variant("1.", "2.")))
    assert {index: str(error) for index, error in refusals.items()} == {0: "too old"}
    assert [number for number, _ in editing.asked] == ["1", "2"]


@pytest.mark.parametrize("error", [NoAnswer("?"), KeyError("x")])
def test_after_any_other_failure_all_of_it_is_repeated(
    editor: Editor, publishing, editing: Editing, error: Exception
) -> None:
    delivery, mended = publishing("One.", "Two."), a_variant("1.", "2.")
    editing.answers = [None, error]
    assert list(editor.edit(editor.propose(delivery, mended))) == [1]
    assert editor.edit(editor.propose(delivery, mended)) == {}
    assert [number for number, _ in editing.asked] == ["1", "2", "1", "2"]
    assert editor.edits.is_whole(delivery)


def test_what_the_network_gives_back_is_kept(editor: Editor, publishing, queue: Queue) -> None:
    delivery = publishing("One.")
    editor.edit(editor.propose(delivery, a_variant("1.")))
    assert queue.history(delivery.id).receipts["create-1"].data == {"edited": "yes"}


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        (a_variant("One.", "Two."), "it has 1 parts, and would have 2"),
        (with_picture(a_variant("One.")), "its files are others now"),
    ],
)
def test_other_parts_or_files_cannot_be_edited_in(
    editor: Editor, publishing, variant: Variant, why: str
) -> None:
    with pytest.raises(NotPossible, match=why):
        editor.propose(publishing("One."), variant)


def test_what_waits_is_queued_again_instead(editor: Editor, queue: Queue) -> None:
    [waiting] = queue.add([an_order()], NOON)
    with pytest.raises(NotPossible, match="karnay queue add open-day"):
        editor.propose(waiting, a_variant("One."))


def test_a_network_that_cannot_says_so(editor: Editor, publishing) -> None:
    stony = replace(editor, networks=lambda _: Lasting())
    with pytest.raises(NotPossible, match="Stone lets nothing be edited"):
        stony.propose(publishing("One."), a_variant("1."))


def test_what_was_taken_down_is_not_edited(editor: Editor, publishing, editing: Editing) -> None:
    delivery = publishing("One.")
    proposal = editor.propose(delivery, a_variant("1."))
    [part] = editor.takedowns.standing(delivery)
    editor.takedowns.begin(delivery, part, NOON)
    with pytest.raises(NotPossible, match="taken down"):
        editor.edit(proposal)
    editor.takedowns.end(delivery, part, NOON)
    with pytest.raises(NotPossible, match="taken down"):
        editor.propose(delivery, a_variant("1."))
    assert editing.asked == []


def test_the_trail_says_who_edited_and_what_was_refused(
    editor: Editor, publishing, editing: Editing, queue: Queue
) -> None:
    editing.answers = [Rejected("too old")]
    delivery = publishing("One.")
    editor.edit(editor.propose(delivery, a_variant("1.")))
    editor.edit(editor.propose(delivery, a_variant("1.")))
    trail = queue.history(delivery.id).trail[-2:]
    assert [(one.who, one.action) for one in trail] == [
        ("nilufar", "not edited"),
        ("nilufar", "edited"),
    ]
