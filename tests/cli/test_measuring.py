"""measure and split."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from karnay.cli.exits import Exit
from karnay.cli.jsonl import Line, answer_all
from text.cases import cases, in_groups

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "oracle.jsonl"
TOOLBOX = "https://www.ruby-toolbox.com/search?utf8=✓&q=autolink"
NASTY = "Дар a\u0301 👩‍🎓 \u2028 https://kun.uz/uz#x @tict #наука"

Answers = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def answers(karnay) -> Answers:
    """Run `karnay ARGUMENTS --jsonl` on the documents, or raw bytes; one answer each."""

    def run(*arguments: str, lines: Iterable[dict[str, Any] | bytes]) -> list[dict[str, Any]]:
        given = b"\n".join(
            line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
        )
        result = karnay(*arguments, "--jsonl", input=given)
        said = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
        wrong = any("error" in document for document in said)
        assert result.exit_code == (Exit.INVALID_POST if wrong else Exit.DONE), result.stderr
        return said

    return run


@pytest.fixture
def asked(answers: Answers) -> Callable[..., dict[str, Any]]:
    """The one answer to one text."""

    def run(command: str, platform: str, text: str, *options: str, **more: Any) -> dict[str, Any]:
        [said] = answers(command, platform, *options, lines=[{"id": 1, "text": text, **more}])
        return said

    return run


def oracle() -> list[dict[str, Any]]:
    if not ORACLE.exists():
        pytest.skip(f"{ORACLE} is missing")
    return [json.loads(line) for line in ORACLE.read_text(encoding="utf-8").splitlines()]


# plain


@pytest.mark.parametrize(
    ("platform", "used"), [("x", 36), ("mastodon", 23), ("bluesky", 53), ("telegram", 53)]
)
def test_one_address_counts_differently_everywhere(karnay, platform: str, used: int) -> None:
    result = karnay("measure", platform, input=TOOLBOX + "\n")
    assert result.exit_code == Exit.DONE
    assert result.stdout.startswith(f"{used} of ")


def test_counters_and_entities_are_shown(karnay) -> None:
    lines = karnay("measure", "bluesky", input="Hi #наука").stdout.splitlines()
    assert lines[:2] == ["9 of 300 graphemes", "14 of 3,000 bytes"]
    assert lines[2].split() == ["hashtag", "3-9", "#наука"]


def test_what_does_not_fit_is_said_on_stderr(karnay) -> None:
    result = karnay("measure", "x", input="a" * 281)
    assert result.exit_code == Exit.INVALID_POST
    assert "stdin: 1 characters over the limit (281 of 280)" in result.stderr


def test_a_doubt_is_a_warning(karnay) -> None:
    result = karnay("measure", "threads", input="я" * 300)
    assert result.exit_code == Exit.DONE
    assert "warning: stdin: 600 bytes of UTF-8" in result.stderr


@pytest.mark.parametrize("command", ["measure", "split"])
def test_a_file_is_read(karnay, tmp_path: Path, command: str) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(b"\xef\xbb\xbfHello\r\n")
    result = karnay(command, "x", str(file), "--json")
    assert result.exit_code == Exit.DONE
    assert '"Hello"' in result.stdout


def test_a_missing_file_is_not_there(karnay) -> None:
    result = karnay("measure", "x", "nowhere.txt")
    assert result.exit_code == Exit.NOT_THERE
    assert "nowhere.txt" in result.stderr


def test_bytes_that_are_no_text_are_refused_with_their_line(karnay) -> None:
    result = karnay("measure", "x", input=b"fine\n\xff\xfe")
    assert result.exit_code == Exit.INVALID_POST
    assert "stdin:2: not UTF-8: byte 0xff" in result.stderr


def test_an_unknown_platform_is_guessed(karnay) -> None:
    result = karnay("measure", "mastadon", input="a")
    assert result.exit_code == Exit.NOT_THERE
    assert 'Did you mean "mastodon"?' in result.stderr


def test_no_terminal_is_given_control_characters(karnay) -> None:
    assert "\x1b" not in karnay("measure", "bluesky", input="#a\x1b[31mb").stdout


def test_json_has_every_counter_and_problem(karnay) -> None:
    result = karnay("measure", "bluesky", "--json", input="a" * 301)
    shown = json.loads(result.stdout)
    assert result.exit_code == Exit.INVALID_POST
    assert (shown["schema"], shown["used"], shown["limit"], shown["fits"]) == (1, 301, 300, False)
    assert [counter["unit"] for counter in shown["counters"]] == ["graphemes", "bytes"]
    assert shown["problems"][0]["severity"] == "error"


def test_json_and_jsonl_exclude_each_other(karnay) -> None:
    assert karnay("measure", "x", "--json", "--jsonl", input="").exit_code == Exit.USAGE


class Terminal(io.BytesIO):
    """A stdin at which somebody sits."""

    def isatty(self) -> bool:
        return True


def test_who_is_to_type_is_told_so(karnay) -> None:
    result = karnay("measure", "x", input=Terminal(b"Hello"))
    assert result.stdout.startswith("5 of 280")
    assert "Ctrl-D" in result.stderr


def run(*arguments: str, redirected: str) -> subprocess.CompletedProcess[str]:
    """karnay, started by a shell that redirects its streams."""
    command = shlex.join([sys.executable, "-m", "karnay", *arguments])
    return subprocess.run(
        ["sh", "-c", f"{command} {redirected}"], capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_closed_stream_is_said(stream: str) -> None:
    redirected = {"stdin": "<&-", "stdout": "</dev/null >&-"}[stream]
    result = run("measure", "x", "--jsonl", redirected=redirected)
    assert result.returncode == Exit.NOT_THERE
    assert f"karnay: {stream} is closed" in result.stderr


# options


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["telegram", "--media"], "5 of 1,024 characters"),
        (["x", "--tier", "premium"], "5 of 25,000 characters"),
        (["mastodon", "--limit", "5000"], "5 of 5,000 characters"),
        (["mastodon", "--spoiler", "CW!"], "8 of 500 characters"),
        (["mastodon", "--spoiler", "CW!", "--limit", "20"], "8 of 20 characters"),
        (["linkedin"], "5 of 3,000 characters"),
    ],
)
def test_the_limit_is_the_accounts(karnay, arguments: list[str], said: str) -> None:
    assert said in karnay("measure", *arguments, input="Salom").stdout


def test_where_all_accounts_are_alike_there_is_no_tier(karnay) -> None:
    result = karnay("measure", "bluesky", "--tier", "premium", input="a")
    assert result.exit_code == Exit.USAGE


def test_markdown_counts_only_when_it_is_asked_for(karnay) -> None:
    assert karnay("measure", "x", input="**a**").stdout.startswith("5 of")
    assert karnay("measure", "x", "--markdown", input="**a**").stdout.startswith("1 of")


def test_a_thread_is_not_measured_as_one(karnay) -> None:
    result = karnay("measure", "x", "--markdown", input="a\n\n---\n\nb")
    assert result.exit_code == Exit.INVALID_POST
    assert "2 parts" in result.stderr


# lines


@pytest.mark.parametrize(
    ("platform", "unit", "start", "end"),
    [
        ("x", "code-points", 2, 8),
        ("mastodon", "code-points", 2, 8),
        ("telegram", "utf-16", 3, 9),
        ("bluesky", "utf-8", 5, 16),
    ],
)
def test_entities_have_native_offsets(
    asked, platform: str, unit: str, start: int, end: int
) -> None:
    said = asked("measure", platform, "😀 #наука")
    assert said["native_unit"] == unit
    assert said["entities"] == [
        {
            "kind": "hashtag",
            "text": "#наука",
            "start": 2,
            "end": 8,
            "native_start": start,
            "native_end": end,
        }
    ]


def test_bluesky_tells_bytes(asked) -> None:
    assert asked("measure", "bluesky", TOOLBOX)["bytes"] == 55


def test_a_lines_own_words_win_over_the_options(answers: Answers) -> None:
    lines = [
        {"id": "a", "text": "a"},
        {"id": "b", "text": "a", "media": False},
        {"id": "c", "text": "a", "media": None},
    ]
    said = answers("measure", "telegram", "--media", lines=lines)
    assert [one["limit"] for one in said] == [1024, 4096, 1024]


def test_a_content_warning_counts_on_mastodon(asked) -> None:
    said = asked("measure", "mastodon", "a" * 495, spoiler="CW 👩‍🎓")
    assert (said["used"], said["limit"], said["fits"]) == (499, 500, True)
    assert not asked("measure", "mastodon", "a" * 497, spoiler="CW 👩‍🎓")["fits"]


@pytest.mark.parametrize("case", cases("mastodon", in_groups("length")))
def test_a_text_fits_where_mastodons_server_takes_it(asked, case: dict[str, Any]) -> None:
    limit, spoiler = f"--limit={case['limit']}", case["spoiler"]
    said = asked("measure", "mastodon", case["text"], limit, spoiler=spoiler)
    assert said["fits"] == case["valid"]


def test_what_is_exceeded_is_said(asked) -> None:
    said = asked("measure", "x", "$AB $CD")
    assert (said["fits"], said["cashtags"]) == (False, 2)
    assert said["problems"] == [
        {"message": "1 cashtags over the limit (2 of 1)", "severity": "error"}
    ]


def test_a_doubt_refuses_nothing(asked) -> None:
    said = asked("measure", "x", "🐦‍🔥")
    assert said["fits"]
    assert [problem["severity"] for problem in said["problems"]] == ["warning"]


def test_the_networks_own_programs_agree(answers: Answers) -> None:
    cases = oracle()[::40]
    said = answers("measure", "x", lines=cases)
    assert [one["used"] for one in said] == [case["x"]["weightedLength"] for case in cases]
    assert [one["id"] for one in said] == [case["id"] for case in cases]


def test_facets_are_those_of_bluesky(answers: Answers) -> None:
    cases = [case for case in oracle() if case["bluesky"]["facets"]][::20]
    said = answers("measure", "bluesky", lines=cases)
    found = [[(e["native_start"], e["native_end"]) for e in one["entities"]] for one in said]
    assert found == [
        sorted((facet["byteStart"], facet["byteEnd"]) for facet in case["bluesky"]["facets"])
        for case in cases
    ]


@pytest.mark.parametrize(
    ("line", "name", "said"),
    [
        (b"{", None, "not JSON"),
        (b"[1]", None, "not a JSON object"),
        (b"null", None, "not a JSON object"),
        (b'{"id": 7}', 7, 'there is no "text"'),
        (b'{"id": 7, "text": 5}', 7, '"text" must be a string'),
        (b'{"id": 7, "text": null}', 7, '"text" must be a string'),
        (b'{"id": 7, "text": "a", "media": "no"}', 7, '"media" must be true or false'),
        (b'{"id": 7, "text": "a", "spoiler": 1}', 7, '"spoiler" must be a string'),
        (b'{"id": [7], "text": "a"}', None, '"id" must be'),
        (b'{"id": NaN, "text": "a"}', None, '"id" must be'),
        (b'{"id": true, "text": "a"}', None, '"id" must be'),
        (b'{"id": 7, "text": "a", "media": 1}', 7, '"media" must be true or false'),
        (b'{"id": 7, "text": "\xff"}', None, "not UTF-8: byte 0xff"),
        (b'{"id": 7, "text": "\\ud800"}', 7, "lone surrogate (U+D800)"),
        (b'{"id": 7, "text": "a", "spoiler": "\\udfff"}', 7, "lone surrogate (U+DFFF)"),
        (b"[" * 100_000, None, "nested too deeply"),
        (b'{"id": ' + b"9" * 5_000 + b', "text": "a"}', None, "not JSON"),
    ],
)
@pytest.mark.parametrize("command", ["measure", "split"])
def test_a_bad_line_is_answered_and_the_rest_goes_on(
    answers: Answers, command: str, line: bytes, name: int | None, said: str
) -> None:
    bad, good = answers(command, "x", lines=[line, {"id": "good", "text": NASTY}])
    assert bad["id"] == name
    assert said in bad["error"]
    assert good["id"] == "good"


@pytest.mark.parametrize(
    "platform", ["x", "bluesky", "mastodon", "telegram", "linkedin", "threads"]
)
@pytest.mark.parametrize(
    "text",
    [
        "\0\x01\u202e",
        "a" * 1_000_000,
        "e" + "\u0301" * 100_000,
        "http://" + "a." * 2_000,
        "а.б" * 1_000,
        "*" * 10_000,
    ],
    ids=["control", "long", "marks", "dots", "domains", "stars"],
)
def test_hostile_text_is_measured(asked, platform: str, text: str) -> None:
    assert asked("measure", platform, text)["used"] > 0


def test_blank_lines_ask_nothing(answers: Answers) -> None:
    said = answers("measure", "x", lines=[b"", b"  ", b'{"id": 1, "text": ""}', b""])
    assert [one["used"] for one in said] == [0]


def test_answers_are_plain_ascii_lines(karnay) -> None:
    line = json.dumps({"id": "я\u2028", "text": "#наука\u2028\u0085"}, ensure_ascii=False)
    result = karnay("measure", "x", "--jsonl", input=line)
    assert result.stdout.isascii()
    assert len(result.stdout.splitlines()) == 1


class Pipe:
    """A pipe into which the next chunk is written only when all before it was answered."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.answered: list[int] = []
        self.out = io.BytesIO()

    def read1(self, size: int, /) -> bytes:
        self.answered.append(self.out.getvalue().count(b"\n"))
        return self.chunks.pop(0) if self.chunks else b""


def test_what_has_come_is_answered_before_more_is_waited_for() -> None:
    pipe = Pipe(b'{"text": "a"}\n{"te', b'xt": "b"}\n', b'{"text": "c"}')
    assert answer_all(pipe, pipe.out, lambda line: {"text": line.text}, Line("", False, ""))
    assert pipe.answered == [0, 1, 2, 2]
    assert pipe.out.getvalue().count(b"\n") == 3


# split


def test_a_text_is_split_into_parts_that_fit(asked) -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(30))
    parts = asked("split", "x", text)["parts"]
    assert " ".join(parts) == text
    assert max(map(len, parts)) <= 280


def test_parts_can_be_numbered(asked) -> None:
    parts = asked("split", "x", "word " * 100, "--numbered")["parts"]
    assert [part[-4:] for part in parts] == [" 1/2", " 2/2"]


def test_a_short_text_is_one_part_as_typed(asked) -> None:
    assert asked("split", "bluesky", NASTY)["parts"] == [NASTY]


def test_a_blank_text_has_no_parts(asked) -> None:
    assert asked("split", "x", " \n ")["parts"] == []


def test_a_line_of_dashes_begins_a_part(asked) -> None:
    assert asked("split", "telegram", "a\n---\nb --- c\n----\n")["parts"] == ["a", "b --- c\n----"]


def test_a_line_of_dashes_may_end_as_on_windows(asked) -> None:
    assert asked("split", "x", "a\r\n---\r\nb\r\n")["parts"] == ["a", "b"]


def test_split_markdown_is_shown_as_the_network_gets_it(asked) -> None:
    parts = asked("split", "x", "**a** [b](https://c.uz)\n\n---\n\n*d*", "--markdown")["parts"]
    assert parts == ["a b (https://c.uz)", "d"]


def test_where_there_are_no_threads_a_long_text_is_an_error(asked) -> None:
    assert "there are no threads here" in asked("split", "linkedin", "word " * 1_000)["error"]


def test_a_spoiler_leaves_less_room_for_each_part(asked) -> None:
    parts = asked("split", "mastodon", "word " * 150, spoiler="x" * 100)["parts"]
    assert max(map(len, parts)) <= 400


def test_a_spoiler_that_leaves_no_room_is_an_error(asked) -> None:
    said = asked("split", "mastodon", "a", spoiler="x" * 500)
    assert said["error"] == "the content warning alone takes 500 of 500: shorten it"


def test_plain_parts_have_a_line_of_dashes_between_them(karnay) -> None:
    assert karnay("split", "x", input="a\n---\nb").stdout == "a\n---\nb\n"


def test_what_cannot_be_split_is_a_problem(karnay) -> None:
    result = karnay("split", "facebook", input="a" * 70_000)
    assert result.exit_code == Exit.INVALID_POST
    assert "stdin: the text is 6,794 characters over the limit" in result.stderr
