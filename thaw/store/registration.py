"""A job's totals in the rollups table, from what was loaded into it: registered, and taken back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from thaw.core.jobs import Job, Totals
from thaw.store.errors import JobNotFoundError
from thaw.store.forgetting import forget_counters, forget_job
from thaw.store.jobs import job_rows, read_job
from thaw.store.ledgers import IMPORTED, add_up, class_attributes, read_loaded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def register_loaded(client: "DynamoDBClient", rollups_table: str, jobs_table: str, job: Job) -> Job:
    """Registers `job` with the totals of all that was ever loaded into it, and returns it so.

    The totals that `job` comes with count for nothing. A job that was registered before, for a table import
    or in an earlier run, keeps its time of creation; its imported objects are counted too. Safe to repeat.
    """
    registered = _registered(client, rollups_table, job.job_id)
    _note_import(client, jobs_table, job.job_id, registered)
    if registered is not None:
        buckets = tuple(sorted({*registered.buckets, *job.buckets}))
        job = replace(job, created_at=registered.created_at, buckets=buckets)
    return _register(client, rollups_table, job, read_loaded(client, jobs_table, job.job_id))


def unregister_loaded(client: "DynamoDBClient", rollups_table: str, jobs_table: str, job_id: str) -> None:
    """Undoes a registration after unloading: what remains is registered, and a job without objects is not.

    Safe to repeat, and where nothing was registered.
    """
    registered = _registered(client, rollups_table, job_id)
    if registered is not None:
        _note_import(client, jobs_table, job_id, registered)
    by_class = read_loaded(client, jobs_table, job_id)
    if not by_class:
        forget_job(client, rollups_table, job_id)
        forget_counters(client, rollups_table, jobs_table, job_id)
    elif registered is not None:
        _register(client, rollups_table, registered, by_class)


def _register(client: "DynamoDBClient", table: str, job: Job, by_class: dict[str, Totals]) -> Job:
    job = replace(job, totals=add_up(by_class), by_storage_class=by_class)
    puts: list[TransactWriteItemTypeDef] = [
        {"Put": {"TableName": table, "Item": row}} for row in job_rows(job)
    ]
    client.transact_write_items(TransactItems=puts)
    return job


def _note_import(client: "DynamoDBClient", table: str, job_id: str, registered: Job | None) -> None:
    """Writes down, once, what was registered before anything was loaded."""
    by_class: Mapping[str, Totals] = registered.by_storage_class if registered else {}
    try:
        client.put_item(
            TableName=table,
            Item={"job_id": {"S": job_id}, "item": {"S": IMPORTED}, **class_attributes(by_class)},
            ConditionExpression="attribute_not_exists(job_id)",
        )
    except client.exceptions.ConditionalCheckFailedException:
        return


def _registered(client: "DynamoDBClient", table: str, job_id: str) -> Job | None:
    try:
        return read_job(client, table, job_id)
    except JobNotFoundError:
        return None
