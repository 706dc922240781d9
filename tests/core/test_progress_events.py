"""What an event says and how it is spelled: as consumers have it, and docs/progress-events.md."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.watched import START, after, announced, job, look_at, progress, storage, wave
from thaw.core.job_states import ENDED, JobStatus
from thaw.core.progress_events import DETAIL_TYPE, SCHEMA_VERSION, SOURCE, phase, progress_event
from thaw.core.watch_troubles import KINDS

DOCS = (Path(__file__).parents[2] / "docs" / "progress-events.md").read_text("utf-8")
AS_BEFORE = ("JobId", "BatchJobId", "Status", "ProgressPercent", "FailedBatchFiles")


def example() -> dict[str, Any]:
    """The event that the documentation shows, as a look really makes it."""
    waves = (wave(failed_tasks=3, batch_job_id="8a1d0c5e-6f0b-4c39-9d2c-0b4b6d1f7a11"),)
    state = job(copies=True, waves=waves, job_id="invoices-2019")
    state = announced(
        replace(state, request=replace(state.request, client_tag="audit"), status=JobStatus.COPYING), 30
    )
    seen = progress(1000, restored=577, copied=420, failed=3)
    (event,) = look_at(state, after(14), progress=seen).events
    return event.fields


def test_the_example_in_the_documentation_is_a_real_event() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    assert json.loads(block) == example()


def test_every_field_has_a_row_in_the_documentation_in_order() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|", DOCS.partition("\n## Fields\n")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert rows == list(example())


def test_statuses_phases_and_troubles_are_those_of_the_documentation() -> None:
    silent = {JobStatus.PREPARING, JobStatus.LOADING, JobStatus.DRY_RUN}
    for word in [*(status.value for status in JobStatus if status not in silent), *KINDS]:
        assert f"`{word}`" in DOCS, word
    assert f"source `{SOURCE}`, detail-type `{DETAIL_TYPE}`" in DOCS


def test_what_consumers_have_read_since_ever_is_text() -> None:
    fields = example()
    assert tuple(fields)[:5] == AS_BEFORE
    assert all(isinstance(fields[name], str) for name in (*AS_BEFORE, "SchemaVersion"))
    assert fields["SchemaVersion"] == SCHEMA_VERSION
    assert (fields["ProgressPercent"], fields["FailedBatchFiles"]) == ("42", "3")


def test_an_event_names_the_latest_job_of_batch_operations_and_sums_what_s3_refused() -> None:
    waves = (wave(failed_tasks=2), wave(2, failed_tasks=5), wave(3, ""))
    event = progress_event(job(waves=waves, requests_refused=1), progress(10), "start", (), START)
    assert (event.fields["BatchJobId"], event.fields["FailedBatchFiles"]) == ("batch-2", "8")
    before = progress_event(job(waves=(wave(1, ""),)), progress(10), "start", (), START)
    assert before.fields["BatchJobId"] == ""


@pytest.mark.parametrize(
    ("state", "seen", "expected"),
    [
        (job(status=JobStatus.LOADING), None, "Preparing"),
        (job(requested=False), progress(10), "Requesting"),
        (job(), progress(10, restored=9), "Restoring"),
        (job(), progress(10, restored=10), "Restoring"),
        (job(copies=True), progress(10, restored=9, restoring=1), "Restoring"),
        (job(copies=True), progress(10, restored=10), "Copying"),
        *((job(status=status), progress(10), "Ended") for status in ENDED),
    ],
)
def test_a_phase_is_what_the_job_is_at(state: Any, seen: Any, expected: str) -> None:
    assert phase(state, seen) == expected


def test_an_event_that_ended_expects_no_end() -> None:
    state = job(status=JobStatus.CANCELLED, reason="Cancelled on request.")
    event = progress_event(state, progress(10, restored=2), "end", (), after(2))
    assert (event.fields["Eta"], event.fields["Reason"]) == ("", "Cancelled on request.")


def test_trouble_is_told_with_its_numbers() -> None:
    decision = look_at(
        announced(job(copies=True)),
        progress=progress(10, restored=9),
        counters=storage(("2026-11-22", 4)),
    )
    (trouble,) = decision.events[0].fields["Trouble"]
    assert (trouble["Kind"], trouble["Objects"]) == ("expiring_uncopied", 4)
