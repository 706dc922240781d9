"""Jobs in the rollups table: registered once with their totals, listed, read with their counters."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from thaw.core.errors import TotalsError
from thaw.core.jobs import Job, Progress, Totals
from thaw.core.rollups import SEPARATOR, STATUS
from thaw.store.backoff import MAX_ATTEMPTS, delay
from thaw.store.errors import JobExistsError, JobNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef

JOB = "job"
"""The row of a job's partition that holds its totals; it sorts right before the status counters."""

REGISTER = "*"
"""The partition that names every job; no job id holds an asterisk."""

JobCounters = Mapping[tuple[str, str], int]
"""(metric without its slot, attribute) -> sum over the slots"""


def register_job(client: "DynamoDBClient", rollups_table: str, job: Job) -> None:
    """Registers `job`, from whose totals the pending objects are counted down.

    Registering the same job again changes nothing. Raises JobExistsError when other totals are
    registered under its id.
    """
    row, name = job_rows(job)
    put: PutTypeDef = {
        "TableName": rollups_table,
        "Item": row,
        "ConditionExpression": "attribute_not_exists(job_id)",
    }
    try:
        client.transact_write_items(
            TransactItems=[{"Put": put}, {"Put": {"TableName": rollups_table, "Item": name}}]
        )
    except client.exceptions.TransactionCanceledException as exc:
        if "ConditionalCheckFailed" not in str(exc):
            raise
        registered = read_job(client, rollups_table, job.job_id)
        if registered != job:
            raise JobExistsError(
                f"Job {job.job_id} is registered already, with {registered.totals.objects} objects and"
                f" {registered.totals.size_bytes} bytes, created at {registered.created_at}, not"
                f" {job.totals.objects} and {job.totals.size_bytes}, {job.created_at}; choose another job id."
            ) from exc


def job_rows(
    job: Job,
) -> "tuple[dict[str, AttributeValueTypeDef], dict[str, AttributeValueTypeDef]]":
    """The row of a job's totals, and that of its name in the register of jobs."""
    row = {"job_id": job.job_id, "metric": JOB, **_attributes(job)}
    return _serialize(row), _serialize({"job_id": REGISTER, "metric": job.job_id})


def list_jobs(client: "DynamoDBClient", rollups_table: str) -> list[str]:
    """The ids of all registered jobs, sorted."""
    pages = client.get_paginator("query").paginate(
        TableName=rollups_table,
        KeyConditionExpression="job_id = :register",
        ExpressionAttributeValues={":register": {"S": REGISTER}},
        ConsistentRead=True,
    )
    return [_deserialize(item)["metric"] for page in pages for item in page["Items"]]


def read_job(client: "DynamoDBClient", rollups_table: str, job_id: str) -> Job:
    """The job as registered. Raises JobNotFoundError."""
    return _read(client, rollups_table, job_id, JOB, JOB)[0]


def read_counters(client: "DynamoDBClient", rollups_table: str, job_id: str) -> tuple[Job, JobCounters]:
    """The job and all its counters. Raises JobNotFoundError."""
    return _read(client, rollups_table, job_id, " ", "~")


def read_progress(
    client: "DynamoDBClient", rollups_table: str, job_id: str, pause: Callable[[float], None]
) -> Progress:
    """How far a job has come, from one Query however many objects it has.

    Raises JobNotFoundError, and TotalsError when the numbers stay impossible.
    """
    last = STATUS + chr(ord(SEPARATOR) + 1)
    return Progress.of(*_possible(lambda: _read(client, rollups_table, job_id, JOB, last), pause))


def find_progress(
    client: "DynamoDBClient", rollups_table: str, job_id: str, pause: Callable[[float], None]
) -> Progress | None:
    """The same, None of a job that is not registered. Raises TotalsError."""
    try:
        return read_progress(client, rollups_table, job_id, pause)
    except JobNotFoundError:
        return None


def read_possible_counters(
    client: "DynamoDBClient", rollups_table: str, job_id: str, pause: Callable[[float], None]
) -> tuple[Job, JobCounters]:
    """The job and all its counters, where no status holds fewer than no objects.

    Raises JobNotFoundError, and TotalsError when the numbers stay impossible.
    """
    return _possible(lambda: read_counters(client, rollups_table, job_id), pause)


def _possible(
    read: Callable[[], tuple[Job, JobCounters]], pause: Callable[[float], None]
) -> tuple[Job, JobCounters]:
    """A Query is no snapshot: where it crossed a write a number can be negative, and is read again."""
    for attempt in range(MAX_ATTEMPTS):
        job, counters = read()
        try:
            Progress.of(job, counters)
        except TotalsError:
            if attempt == MAX_ATTEMPTS - 1:
                raise
            pause(delay(attempt))
        else:
            return job, counters
    raise AssertionError("the last attempt returns or raises")


def _read(
    client: "DynamoDBClient", table: str, job_id: str, first: str, last: str
) -> tuple[Job, JobCounters]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="job_id = :job AND metric BETWEEN :first AND :last",
        ExpressionAttributeValues={":job": {"S": job_id}, ":first": {"S": first}, ":last": {"S": last}},
        ConsistentRead=True,
    )
    job: Job | None = None
    counters: Counter[tuple[str, str]] = Counter()
    for row in (_deserialize(item) for page in pages for item in page["Items"]):
        if row["metric"] == JOB:
            job = _job(row)
        else:
            _add(counters, row)
    if job is None:
        raise JobNotFoundError(
            f"No job {job_id!r} is registered in {table}. `thaw job show` tells of a dry run, and of a job"
            " that failed before it was loaded; `thaw job register` registers one that was imported."
        )
    return job, counters


def _add(counters: Counter[tuple[str, str]], row: Mapping[str, Any]) -> None:
    metric = row["metric"].rpartition(SEPARATOR)[0]
    for name, amount in row.items():
        if name not in ("job_id", "metric"):
            counters[metric, name] += int(amount)


def _attributes(job: Job) -> dict[str, Any]:
    return {
        "created_at": job.created_at,
        "tier": job.tier,
        "objects": job.totals.objects,
        "size_bytes": job.totals.size_bytes,
        "by_storage_class": {name: dict(part._asdict()) for name, part in job.by_storage_class.items()},
        "buckets": list(job.buckets),
    }


def _job(row: Mapping[str, Any]) -> Job:
    by_class: dict[str, Mapping[str, Any]] = row["by_storage_class"]
    return Job(
        job_id=row["job_id"],
        created_at=row["created_at"],
        tier=row["tier"],
        totals=Totals(int(row["objects"]), int(row["size_bytes"])),
        by_storage_class={
            name: Totals(int(part["objects"]), int(part["size_bytes"])) for name, part in by_class.items()
        },
        buckets=tuple(row["buckets"]),
    )


def _serialize(row: Mapping[str, Any]) -> "dict[str, AttributeValueTypeDef]":
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in row.items()}


def _deserialize(item: "Mapping[str, AttributeValueTypeDef]") -> dict[str, Any]:
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}
