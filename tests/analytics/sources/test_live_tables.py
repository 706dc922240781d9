"""The live tables: counters by Query where they tell, the objects by a scan where they must."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.reports import run_report
from analytics.schema import REPORTS, Origin
from analytics.sources.errors import BadValueError
from analytics.sources.options import Clients
from analytics.statements import Parameters
from tests.analytics.sources.records import RECORDS, ROWS, Asking, opened, rows_in, unused
from tests.fakes.dynamodb import OBJECTS, FakeDynamoDB
from tests.store.tables import BUCKET, tables
from thaw.core.jobs import Job, Totals
from thaw.store.errors import JobNotFoundError
from thaw.store.jobs import register_job

AS_OF = datetime(2026, 11, 22, tzinfo=UTC)
COUNTED = tuple(name for name, report in REPORTS.items() if report.origins[0] is Origin.ROLLUPS)


@pytest.fixture
def fake() -> FakeDynamoDB:
    """Both jobs, registered, and all records with their counters."""
    made = tables(RECORDS)
    for job_id in ("job-1", "job-2"):
        sizes = [one.entry.size_bytes or 0 for one in RECORDS if one.entry.job_id == job_id]
        totals = Totals(len(sizes), sum(sizes))
        job = Job(job_id, "2026-11-21T00:00:00.000Z", "Bulk", totals, {"GLACIER": totals}, (BUCKET,))
        register_job(made.client, "rollups", job)
    return made


def asking(fake: FakeDynamoDB, *reports: str) -> Asking:
    clients = Clients(lambda: fake.client, unused, unused)
    return Asking(reports=reports, clients=clients)


def test_what_counters_tell_takes_one_query_a_job_and_no_scan(fake: FakeDynamoDB) -> None:
    asked = asking(fake, *COUNTED)
    fake.page_size = 1000
    before = fake.count("Query")
    with opened("dynamodb", asked) as source:
        frames = {name: run_report(name, source, Parameters(AS_OF, 0.02)) for name in COUNTED}
    assert fake.count("Scan") == 0
    assert fake.count("Query") - before == 3, "one to list the jobs, one for each of two"
    copied = frames["progress"].query("job_id == 'job-1' and status == 'COPIED'")
    assert copied["objects"].tolist() == [1]
    assert copied["bytes"].tolist() == [1_000_000]
    assert asked.told == []


def test_of_one_job_only_its_counters_are_read(fake: FakeDynamoDB) -> None:
    with opened("dynamodb", replace(asking(fake, "progress"), job_id="job-2")) as source:
        frame = run_report("progress", source, Parameters(AS_OF, 0, "job-2"))
    assert set(frame["job_id"]) == {"job-2"}
    assert frame["objects"].sum() == 1


def test_what_counters_do_not_tell_is_scanned_and_said(fake: FakeDynamoDB) -> None:
    asked = asking(fake, "progress", "temporary_storage", "attention")
    with opened("dynamodb", asked) as source:
        assert source.origins == {Origin.OBJECTS, Origin.ROLLUPS}
        assert rows_in(source) == ROWS
        assert len(run_report("progress", source, Parameters(AS_OF, 0))) == 12
        attention = run_report("attention", source, Parameters(AS_OF, 0))
    assert attention["reason"].tolist()[0] == "failed"
    assert sum(asked.counted) == len(RECORDS), "a page at a time"
    assert asked.told == [
        "temporary_storage, attention: reading all of objects; about $0.03 per million objects."
    ]


def test_the_past_is_scanned_since_counters_do_not_tell_it(fake: FakeDynamoDB) -> None:
    asked = replace(asking(fake, "progress"), past=True)
    with opened("dynamodb", asked) as source:
        assert source.origins == {Origin.OBJECTS}
        at = datetime(2026, 11, 21, 7, tzinfo=UTC)
        frame = run_report("progress", source, Parameters(at, 0, "job-1"))
    assert dict(zip(frame["status"], frame["objects"], strict=True)) == {
        "PENDING": 0, "RESTORING": 2, "RESTORED": 1, "COPIED": 0, "FAILED": 1, "EXPIRED": 0
    }  # fmt: skip
    (told,) = asked.told
    assert told.startswith(
        "progress: reading all of objects, since counters do not tell the past; about $0.03"
    )


def test_an_item_that_is_no_record_is_refused(fake: FakeDynamoDB) -> None:
    key, item = next(iter(fake.tables[OBJECTS].items()))
    fake.tables[OBJECTS][key] = {**item, "tier": {"S": "Quick"}}
    expected = "Table objects, row 1: tier is 'Quick'; S3 has Expedited, Standard, Bulk"
    with pytest.raises(BadValueError, match=expected), opened("dynamodb", asking(fake, "attention")):
        pass


def test_a_binary_attribute_is_refused_too(fake: FakeDynamoDB) -> None:
    key, item = next(iter(fake.tables[OBJECTS].items()))
    fake.tables[OBJECTS][key] = {**item, "tier": {"B": b"Bulk"}}
    with (
        pytest.raises(BadValueError, match=r"row 1: tier is .*it must be text"),
        opened("dynamodb", asking(fake, "attention")),
    ):
        pass


@pytest.mark.parametrize("report", ["progress", "attention"])
def test_a_job_that_is_not_registered_is_refused_before_anything_is_scanned(
    fake: FakeDynamoDB, report: str
) -> None:
    with (
        pytest.raises(JobNotFoundError, match="No job 'job-9' is registered"),
        opened("dynamodb", replace(asking(fake, report), job_id="job-9")),
    ):
        pass
    assert fake.count("Scan") == 0


def test_a_stored_status_that_its_times_contradict_is_reported(fake: FakeDynamoDB) -> None:
    key, item = next(iter(fake.tables[OBJECTS].items()))
    fake.tables[OBJECTS][key] = {**item, "status": {"S": "FAILED"}}
    asked = asking(fake, "attention")
    with opened("dynamodb", asked):
        pass
    assert asked.told[1].startswith("Table objects: 1 stored status contradicts its times and is")


def test_without_a_job_there_are_empty_reports_and_a_sentence() -> None:
    asked = asking(FakeDynamoDB(), "progress")
    with opened("dynamodb", asked) as source:
        assert run_report("progress", source, Parameters(AS_OF, 0)).empty
    assert asked.told == ["No job is registered in rollups."]
