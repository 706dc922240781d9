"""A completion report opened, read and closed, as its state machine calls."""

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from lambdas.environment import SettingsError
from lambdas.read_report import handler as module
from lambdas.read_report.handler import MAX_LISTED, ReadReport
from lambdas.tools import UnknownActionError
from tests.jobs.started import JOB, JOBS_BUCKET
from tests.jobs.test_reports import AT, Report, done, failed
from tests.lambdas.environment import set_variables
from tests.lambdas.job_functions import ENVIRONMENT, context
from thaw.core import job_files
from thaw.core.history import History
from thaw.jobs.reports import CHUNK_ROWS

OF_WAVE = {"job_id": JOB, "wave": 1}


def call(report: Report, event: dict[str, Any], seconds: float = 900.0) -> dict[str, Any]:
    logger = Logger(service=f"read_report {id(report)}", stream=io.StringIO())
    return json.loads(json.dumps(ReadReport(report.reader, logger).handle(event, context(seconds))))


def test_a_report_is_opened_read_and_closed() -> None:
    report = Report(["a", "b"], [[done("a")], [failed("b")]])
    opened = call(report, {"action": "open", **OF_WAVE})
    assert [part["bucket"] for part in opened["parts"]] == [JOBS_BUCKET] * 2
    for part in opened["parts"]:
        assert call(report, {"action": "part", **OF_WAVE, **part})["done"]
    closed = call(report, {"action": "close", **OF_WAVE})
    assert closed == {**OF_WAVE, "failed_tasks": 1, "problem": ""}
    assert report.history("a") == History(restore_requested_at=AT)


def test_the_answer_of_a_call_that_had_no_time_is_the_next_calls_event() -> None:
    keys = [f"{number:05}" for number in range(CHUNK_ROWS + 1)]
    report = Report(keys, [[done(key) for key in keys]])
    (part,) = call(report, {"action": "open", **OF_WAVE})["parts"]
    event = {"action": "part", **OF_WAVE, **part}
    first = call(report, event, seconds=10.0)
    assert first == {**event, "start": CHUNK_ROWS, "done": False}
    assert call(report, first) == {**event, "start": CHUNK_ROWS + 1, "done": True}
    assert call(report, {"action": "close", **OF_WAVE})["problem"] == ""


def test_very_many_parts_are_listed_in_a_file() -> None:
    keys = [f"{number:05}" for number in range(MAX_LISTED + 1)]
    report = Report(keys, [[done(key)] for key in keys])
    opened = call(report, {"action": "open", **OF_WAVE})
    assert opened == {**OF_WAVE, "parts_key": job_files.report_parts_file(JOB, 1)}
    parts = json.loads(report.world.file(opened["parts_key"]))
    assert len(parts) == MAX_LISTED + 1
    assert parts[0].keys() == {"bucket", "key", "md5"}


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(UnknownActionError, match="Action 'shut' does not exist; give open, part or close"):
        call(Report([], []), {"action": "shut", **OF_WAVE})


def test_the_function_is_made_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    module.read_report.cache_clear()
    set_variables(monkeypatch, ENVIRONMENT)
    assert module.read_report().reader.jobs_bucket == JOBS_BUCKET
    module.read_report.cache_clear()
    set_variables(monkeypatch, {"OBJECTS_TABLE": ""})
    with pytest.raises(SettingsError, match="OBJECTS_TABLE"):
        module.handler({"action": "open", **OF_WAVE}, context())
    module.read_report.cache_clear()
