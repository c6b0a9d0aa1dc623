"""What a network might object to, though by its documents it should not."""

from karnay.rendering.limits import Doubt
from karnay.text.measure import Counter
from rendering.builders import a_wording, length, rendered, room_for

SHORT = Doubt(
    Counter("characters", 5, length), "{used} characters, and {limit} are sure to be taken"
)


def test_a_doubt_warns_and_stops_nothing() -> None:
    wording = a_wording(title="Title", platforms={"x": {"text": "1,000 words"}})
    made = rendered(wording, limits=room_for(100, doubts=(SHORT,)))
    [problem] = made.problems
    assert problem.warning
    assert problem.message == "x-en: 11 characters, and 5 are sure to be taken"
    assert problem.path == "platforms.x.text"
    assert made.sendable


def test_each_doubt_is_told_once() -> None:
    wording = a_wording(
        title="Title", platforms={"x": {"text": "1,000 words\n\n---\n\n2,000 words"}}
    )
    made = rendered(wording, limits=room_for(100, doubts=(SHORT,)))
    assert len(made.problems) == 1


def test_where_there_is_no_doubt_nothing_is_said() -> None:
    wording = a_wording(title="Title", platforms={"x": {"text": "12345"}})
    assert rendered(wording, limits=room_for(100, doubts=(SHORT,))).problems == ()
