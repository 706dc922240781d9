"""A job is registered when the import brought what the summary says, and otherwise `up` fails."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.errors import ImportMismatchError
from infra.providers.job_registration import JobRegistrationProvider
from tests.infra.fakes import OWNER, FakeDynamoDB, FakeExceptions, connect_to

ARN = f"arn:aws:dynamodb:eu-central-1:{OWNER}:table/thaw-objects"
SUMMARY: dict[str, Any] = {
    "schema": 1,
    "job_id": "november",
    "tier": "Bulk",
    "created_at": "2026-11-21T03:04:05.678Z",
    "sources": ["s3://inventory/manifest.json"],
    "rows_in": 3,
    "duplicates": 0,
    "filtered": 0,
    "rejects": 0,
    "objects": 3,
    "size_bytes": 300,
    "objects_of_unknown_size": 0,
    "by_storage_class": {"GLACIER": {"objects": 3, "size_bytes": 300}},
    "by_bucket": {"archive": {"objects": 3, "size_bytes": 300}},
    "import_prefix": "import/",
    "manifests": {"archive": "manifest-archive.csv"},
}
PROPS = {
    "bucket": "manifests",
    "summary_key": "x/summary.json",
    "table_arn": ARN,
    "rollups_table": "thaw-rollups",
    "region": "eu-central-1",
    "profile": "",
}


class FakeSummaryS3:
    """One object, in the account that owns the table."""

    exceptions = FakeExceptions

    def __init__(self, body: str | None) -> None:
        self.body = body

    def get_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str = OWNER) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, Key, ExpectedBucketOwner) == ("manifests", "x/summary.json", OWNER)
        if self.body is None:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "not there"}}, "GetObject")
        return {"Body": io.BytesIO(self.body.encode())}


def an_import(day: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "ImportArn": f"{ARN}/import/{day}",
        "StartTime": datetime(2026, 11, day, tzinfo=UTC),
        "ImportStatus": "COMPLETED",
        "ErrorCount": 0,
        "ImportedItemCount": 3,
    } | changes


def registration(
    *imports: dict[str, Any], summary: str | None = json.dumps(SUMMARY)
) -> tuple[JobRegistrationProvider, FakeDynamoDB]:
    dynamodb = FakeDynamoDB(ARN, list(imports))
    return JobRegistrationProvider(connect_to(dynamodb=dynamodb, s3=FakeSummaryS3(summary))), dynamodb


def test_an_import_that_agrees_is_registered() -> None:
    provider, dynamodb = registration(an_import())
    created = provider.create(PROPS)
    assert created.id == "november"
    assert created.outs == {**PROPS, "job_id": "november", "objects": 3, "size_bytes": 300}
    (items,) = dynamodb.transactions
    assert items[0]["Put"]["TableName"] == "thaw-rollups"
    assert items[0]["Put"]["Item"]["objects"] == {"N": "3"}


@pytest.mark.parametrize("imported", [2, 4])
def test_another_count_fails_with_both_numbers_and_registers_nothing(imported: int) -> None:
    provider, dynamodb = registration(an_import(ImportedItemCount=imported))
    with pytest.raises(ImportMismatchError, match=f"brought {imported} objects, but .* has 3; nothing"):
        provider.create(PROPS)
    assert dynamodb.transactions == []


@pytest.mark.parametrize("changes", [{"ErrorCount": 1}, {"ImportStatus": "FAILED"}])
def test_an_import_with_errors_fails_even_where_the_count_agrees(changes: dict[str, Any]) -> None:
    provider, dynamodb = registration(an_import(**changes))
    with pytest.raises(ImportMismatchError, match=r"with \d errors and 3 objects; the rows are named in"):
        provider.create(PROPS)
    assert dynamodb.transactions == []


def test_of_several_tables_of_this_name_the_latest_import_counts() -> None:
    provider, _ = registration(an_import(1, ImportedItemCount=9), an_import(3), an_import(2, ErrorCount=5))
    assert provider.create(PROPS).id == "november"


def test_a_table_that_was_never_imported_is_told_so() -> None:
    provider, _ = registration()
    with pytest.raises(ImportMismatchError, match=r"was not imported: .* as a stack of its own"):
        provider.create(PROPS)


@pytest.mark.parametrize(
    ("summary", "part"),
    [
        (None, "leads to s3://manifests/x/summary.json, which cannot be read as a summary"),
        ("{", "cannot be read as a summary"),
        ('{"schema": 2}', "The summary has schema 2"),
    ],
)
def test_an_unreadable_summary_is_refused_before_the_import_starts(summary: str | None, part: str) -> None:
    provider, _ = registration(summary=summary)
    (failure,) = provider.check({}, dict(PROPS)).failures
    assert part in failure.reason


def test_another_import_after_the_import_is_refused_while_the_engine_plans() -> None:
    provider, _ = registration(summary=None)
    assert provider.check(dict(PROPS), dict(PROPS)).failures == [], "the files may be gone by now"
    (failure,) = provider.check(dict(PROPS), {**PROPS, "summary_key": "y/summary.json"}).failures
    assert failure.reason.startswith(
        "thaw:import_files is now manifests/y/summary.json, but the objects table was imported from"
        " manifests/x/summary.json"
    )


def test_a_registered_job_is_never_registered_again() -> None:
    provider, _ = registration()
    assert provider.diff("november", dict(PROPS), {**PROPS, "region": "eu-west-1"}).changes is False
