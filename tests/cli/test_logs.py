"""What a log line looks like, where it goes, and what never stands in it."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import sys
import tempfile
from datetime import datetime, timedelta

import pytest
import structlog
from pydantic import SecretStr

from karnay.cli.logs import Form, chosen, configure
from karnay.secrets import remember

SECRET = 'sesame "opens" the Зал'


def fail(said: object) -> None:
    raise ValueError(said)


def test_a_line_is_for_people_unless_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger().warning("lost", delivery=7)
    written = capsys.readouterr().err
    assert "[warning  ] lost" in written
    assert "delivery=7" in written
    assert "\x1b[" not in written


def test_json_is_one_object_a_line_with_the_time_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    configure(form=Form.JSON)
    structlog.get_logger().info("finished", delivery=7, error=None)
    written = capsys.readouterr().err
    line = json.loads(written)
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert moment.utcoffset() == timedelta()
    assert line == {"event": "finished", "level": "info", "delivery": 7}


def test_what_a_worker_has_bound_stands_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure(form=Form.JSON)
    with structlog.contextvars.bound_contextvars(delivery=7, account="x", attempt=2):
        structlog.get_logger().info("anything")
    structlog.get_logger().info("anything")
    written = capsys.readouterr().err
    first, second = map(json.loads, written.splitlines())
    assert (first["delivery"], first["account"], first["attempt"]) == (7, "x", 2)
    assert "delivery" not in second


def test_what_libraries_log_has_the_same_form_and_bounds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(form=Form.JSON)
    with structlog.contextvars.bound_contextvars(delivery=7):
        logging.getLogger("some.library").warning("slow: %s", "very")
    written = capsys.readouterr().err
    line = json.loads(written)
    assert (line["event"], line["logger"], line["level"]) == (
        "slow: very",
        "some.library",
        "warning",
    )
    assert line["delivery"] == 7


@pytest.mark.parametrize("form", Form)
def test_a_secret_is_masked_wherever_it_stands(
    form: Form, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(SecretStr(SECRET))
    configure(form=form)
    try:
        fail(f"refused {SECRET}")
    except ValueError:
        structlog.get_logger().exception(
            f"said {SECRET}", nested={"list": [SECRET]}, value=SecretStr(SECRET), raw=[(SECRET,)]
        )
    logging.getLogger("a.library").warning("with %s", SECRET)
    written = capsys.readouterr().err
    assert "sesame" not in written
    assert "ValueError" in written


def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    confidential = "".join(["not ", "for", " the log"])
    try:
        fail(len(confidential))
    except ValueError:
        structlog.get_logger().exception("unforeseen")
    written = capsys.readouterr().err
    assert "not for the log" not in written


@pytest.mark.parametrize(
    ("environment", "form"),
    [
        ({}, Form.HUMAN),
        ({"KARNAY_LOG": "json"}, Form.JSON),
        ({"KARNAY_LOG": "JSON"}, Form.JSON),
        ({"KARNAY_LOG": "human"}, Form.HUMAN),
        ({"JOURNAL_STREAM": "1:2"}, Form.HUMAN),
    ],
)
def test_the_environment_chooses_the_form(environment: dict[str, str], form: Form) -> None:
    assert chosen(environment) is form


def test_under_systemd_a_line_has_a_priority_and_no_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryFile("w+") as journal:
        monkeypatch.setattr(sys, "stderr", journal)
        found = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        configure()
        structlog.get_logger().error("refused", delivery=7)
        structlog.get_logger().info("finished")
        journal.seek(0)
        first, second = journal.read().splitlines()
    assert first.startswith("<3>[error    ] refused")
    assert second.startswith("<6>[info     ] finished")


class FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_line_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    monkeypatch.setattr(sys, "stderr", FullDisk())
    structlog.get_logger().error("ours")
    logging.getLogger("theirs").error("theirs")
