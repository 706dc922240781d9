"""Rows of vault transfers in the jobs table: uploads and their parts, what is asked for again, budgets."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from tests.jobs.watched import JOBS, jobs_table
from thaw.core.archives import Pointer
from thaw.store.vault_agains import VaultAgains
from thaw.store.vault_budget import VaultBudget
from thaw.store.vault_uploads import OpenUpload, UploadedPart, VaultUploads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = "2026-11-21"
NOON, LATER = f"{DAY}T12:00:00.000Z", f"{DAY}T12:05:00.000Z"
UPLOAD = OpenUpload("job", "archive", "target", "a/b", 16 * 2**20, NOON, "retrieval-1")
POINTER = Pointer("job", 3, 17)


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    with mock_aws():
        yield jobs_table()


def part(number: int) -> UploadedPart:
    return UploadedPart(number, "ab" * 32, f'"etag-{number}"', "c2hhMjU2")


def test_an_upload_is_known_before_it_has_an_id(client: "DynamoDBClient") -> None:
    uploads = VaultUploads(client, JOBS)
    assert uploads.begin(UPLOAD) == UPLOAD
    assert list(uploads.all("job")) == [UPLOAD]
    assert uploads.created(UPLOAD, "id-1")
    assert uploads.find("job", "archive") == UPLOAD._replace(upload_id="id-1")


def test_who_begins_after_another_gets_the_upload_that_is_there(client: "DynamoDBClient") -> None:
    uploads = VaultUploads(client, JOBS)
    uploads.begin(UPLOAD)
    uploads.created(UPLOAD, "id-1")
    found = uploads.begin(UPLOAD._replace(retrieval_job_id="retrieval-2"))
    assert found == UPLOAD._replace(upload_id="id-1")
    assert not uploads.created(found, "id-2"), "an upload has one id for good"
    assert uploads.continues(found, "retrieval-2")
    assert uploads.find("job", "archive") == found._replace(retrieval_job_id="retrieval-2")


def test_only_the_very_upload_is_forgotten(client: "DynamoDBClient") -> None:
    uploads = VaultUploads(client, JOBS)
    uploads.begin(UPLOAD)
    uploads.created(UPLOAD, "id-1")
    assert not uploads.end(UPLOAD._replace(upload_id="id-0"))
    assert uploads.end(UPLOAD._replace(upload_id="id-1"))
    assert not uploads.end(UPLOAD._replace(upload_id="id-1"))
    assert list(uploads.all("job")) == []


def test_uploads_of_a_run_whose_name_begins_alike_are_not_ours(client: "DynamoDBClient") -> None:
    uploads = VaultUploads(client, JOBS)
    uploads.begin(UPLOAD._replace(job_id="run1"))
    uploads.begin(UPLOAD._replace(job_id="run10"))
    assert [upload.job_id for upload in uploads.all("run1")] == ["run1"]


def test_parts_count_for_their_own_upload_only(client: "DynamoDBClient") -> None:
    uploads = VaultUploads(client, JOBS)
    first, second = UPLOAD._replace(upload_id="id"), UPLOAD._replace(upload_id="id-2")
    for number in (1, 2, 3, 10_000):
        uploads.add_part(first, part(number), 1_800_000_000)
    uploads.add_part(second, part(1), 1_800_000_000)
    uploads.add_part(first, part(2), 1_800_000_000)
    assert uploads.parts(first) == {number: part(number) for number in (1, 2, 3, 10_000)}
    assert list(uploads.parts(first, 2, 3)) == [2, 3]
    assert list(uploads.parts(second)) == [1]


def test_a_part_expires_by_itself(client: "DynamoDBClient") -> None:
    VaultUploads(client, JOBS).add_part(UPLOAD._replace(upload_id="id"), part(1), 1_800_000_000)
    (item,) = client.scan(TableName=JOBS)["Items"]
    assert item["expires_at_seconds"] == {"N": "1800000000"}


def test_a_failure_counts_once_however_often_it_is_told(client: "DynamoDBClient") -> None:
    agains = VaultAgains(client, JOBS)
    for _ in range(3):
        again = agains.ask(POINTER, "retrieval-1", reason="Glacier failed", size_bytes=7, failed=True)
        assert (again.pointer, again.due, again.attempts, again.size_bytes) == (POINTER, True, 1, 7)
    assert agains.ask(POINTER, "retrieval-2", reason="again", size_bytes=7, failed=True).attempts == 2
    assert agains.ask(POINTER, "retrieval-1", reason="late", size_bytes=7, failed=True).reason == "again"


def test_a_window_that_is_over_is_no_failure_of_glacier(client: "DynamoDBClient") -> None:
    agains = VaultAgains(client, JOBS)
    again = agains.ask(POINTER, "retrieval-1", reason="The window was over", size_bytes=7, failed=False)
    assert (again.due, again.attempts) == (True, 0)


def test_what_was_asked_for_is_not_due_and_a_doubled_message_makes_it_due_no_more(
    client: "DynamoDBClient",
) -> None:
    agains = VaultAgains(client, JOBS)
    again = agains.ask(POINTER, "retrieval-1", reason="failed", size_bytes=7, failed=True)
    assert list(agains.due("job")) == [again]
    assert agains.done(again)
    late = agains.ask(POINTER, "retrieval-1", reason="failed", size_bytes=7, failed=True)
    assert (late.due, list(agains.due("job"))) == (False, [])


def test_what_fails_while_it_is_asked_for_stays_due(client: "DynamoDBClient") -> None:
    agains = VaultAgains(client, JOBS)
    seen = agains.ask(POINTER, "retrieval-1", reason="failed", size_bytes=7, failed=True)
    agains.ask(POINTER, "retrieval-2", reason="failed", size_bytes=7, failed=True)
    assert not agains.done(seen)
    assert [again.attempts for again in agains.due("job")] == [2]


def test_what_is_not_due_is_not_read_to_find_what_is(client: "DynamoDBClient") -> None:
    """A transfer may have had a million archives asked for again, and looks are taken every minute."""
    agains = VaultAgains(client, JOBS)
    for line in range(9):
        again = agains.ask(Pointer("job", 0, line), "r", reason="lost", size_bytes=1, failed=False)
        assert line == 8 or agains.done(again)
    read: list[int] = []

    def noted(parsed: dict[str, Any], **_: object) -> None:
        read.append(parsed["ScannedCount"])

    client.meta.events.register("after-call.dynamodb.Query", noted)
    assert [again.pointer.line for again in agains.due("job")] == [8]
    assert read == [1]


def test_whoever_dies_before_it_is_due_is_told_again(client: "DynamoDBClient") -> None:
    agains = VaultAgains(client, JOBS)

    def die(**_: object) -> None:
        raise ZeroDivisionError

    client.meta.events.register("before-call.dynamodb.PutItem", die)
    with pytest.raises(ZeroDivisionError):
        agains.ask(POINTER, "r-1", reason="lost", size_bytes=1, failed=True)
    client.meta.events.unregister("before-call.dynamodb.PutItem", die)
    again = agains.ask(POINTER, "r-1", reason="lost", size_bytes=1, failed=True)
    assert (again.attempts, list(agains.due("job"))) == (1, [again])


def test_what_is_due_comes_in_the_order_of_the_plan_and_goes_with_the_run(client: "DynamoDBClient") -> None:
    agains = VaultAgains(client, JOBS)
    places = [(10, 2), (2, 10), (2, 9)]
    for at, place in enumerate(places):
        agains.ask(Pointer("job", *place), f"r-{at}", reason="lost", size_bytes=1, failed=False)
    agains.ask(Pointer("other", 0, 0), "r", reason="lost", size_bytes=1, failed=False)
    assert [again.pointer[1:] for again in agains.due("job")] == sorted(places)
    agains.forget("job")
    assert (list(agains.due("job")), agains.find(POINTER)) == ([], None)
    assert len(list(agains.due("other"))) == 1


def test_no_more_is_reserved_than_the_day_has(client: "DynamoDBClient") -> None:
    budget = VaultBudget(client, JOBS)
    assert budget.reserve(DAY, 60, 100)
    assert not budget.reserve(DAY, 41, 100)
    assert budget.reserve(DAY, 40, 100)
    budget.give_back(DAY, 10)
    assert budget.asked_bytes(DAY) == 90
    assert budget.reserve("2026-11-22", 100, 100), "every day has its own"


def test_what_is_larger_than_a_day_allows_goes_first_on_a_day_or_never(client: "DynamoDBClient") -> None:
    budget = VaultBudget(client, JOBS)
    assert budget.reserve(DAY, 5000, 100)
    assert not budget.reserve(DAY, 1, 100)
    assert budget.reserve(DAY, 1, 0), "no limit"


def test_one_at_a_time_requests_until_it_gives_up_or_is_dead(client: "DynamoDBClient") -> None:
    budget = VaultBudget(client, JOBS)
    assert budget.take_lease("one", NOON, LATER)
    assert not budget.take_lease("two", NOON, LATER)
    assert budget.take_lease("one", NOON, LATER), "who holds it may take it for longer"
    budget.give_up_lease("two")
    assert budget.lease_holder() == "one"
    assert budget.take_lease("two", LATER, f"{DAY}T12:10:00.000Z"), "the time of the first is over"
    budget.give_up_lease("two")
    assert budget.lease_holder() == ""
