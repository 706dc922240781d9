"""The functions of jobs: their size, time and variables; plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra import layers, packaging
from infra.names import Names, Place
from infra.packaging import Package
from infra.state_machines.definitions import REQUEST_CONCURRENCY
from thaw.core.job_rules import JobRules

LONGEST_SECONDS = 900
"""The most that Lambda gives: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

API_SECONDS = 29
"""The most that a REST API waits for its function:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

WATCH_SECONDS = 300
"""Ours: one look at all jobs, and the next begins."""

COPY_MAX_RECEIVE_COUNT = 5
COPY_BATCH_SIZE = 10


@dataclass(frozen=True)
class JobFunctionSpec:
    """Of one function: megabytes of memory and of /tmp, and seconds."""

    memory_mb: int
    timeout_seconds: int = LONGEST_SECONDS
    storage_mb: int = 512


FUNCTIONS: Mapping[str, JobFunctionSpec] = {
    "prepare_job": JobFunctionSpec(3008, storage_mb=10_240),
    "start_job": JobFunctionSpec(1024),
    "load_objects": JobFunctionSpec(1024),
    "request_restores": JobFunctionSpec(512),
    "read_report": JobFunctionSpec(1024),
    "watch_jobs": JobFunctionSpec(512, timeout_seconds=WATCH_SECONDS),
    "copy_objects": JobFunctionSpec(1024),
    "copy_large": JobFunctionSpec(512),
    "sweep_copies": JobFunctionSpec(512),
}
"""By folder in lambdas/; memory brings CPU with it."""

API_FUNCTION, API_SPEC = "job_api", JobFunctionSpec(512, timeout_seconds=API_SECONDS)


@dataclass(frozen=True)
class JobPackages:
    """The packages of all functions, by folder, and the layer of the one that needs compiled libraries."""

    functions: Mapping[str, Package]
    layer: Package


def packages(root: Path, target: Path, others: Iterable[str] = ()) -> JobPackages:
    """Built into the folder `target`, where the layer is found; `others` are functions that few stacks have.

    Raises PackagingError.
    """
    layer = layers.find(layers.PREPARE, root, target)
    built = {folder: packaging.build(root, folder, target) for folder in (*FUNCTIONS, API_FUNCTION, *others)}
    return JobPackages(built, layer)


def handler(folder: str) -> str:
    """The entry point of a function."""
    return f"lambdas.{folder}.handler.handler"


def variables(
    *, names: Names, place: Place, jobs_bucket: str, copy_queue_url: str, rules: JobRules, rollup_slots: int
) -> dict[str, str]:
    """What every function of jobs finds in its environment."""
    return {
        "OBJECTS_TABLE": names.objects_table,
        "ROLLUPS_TABLE": names.rollups_table,
        "JOBS_TABLE": names.jobs_table,
        "JOBS_BUCKET": jobs_bucket,
        "ROLLUP_SLOTS": str(rollup_slots),
        "JOB_RULES": rules.to_json(),
        "ACCOUNT_ID": place.account,
        "NAME_PREFIX": names.prefix,
        "EVENT_QUEUE_ARN": place.queue_arn(names.queue),
        "COPY_QUEUE_URL": copy_queue_url,
        "COPY_MAX_RECEIVE_COUNT": str(COPY_MAX_RECEIVE_COUNT),
        "REQUEST_CONCURRENCY": str(REQUEST_CONCURRENCY),
        "PROGRESS_TOPIC_ARN": place.topic_arn(names.progress_topic),
        "BATCH_ROLE_ARN": place.role_arn(names.batch_role),
        "CREATE_JOB_MACHINE_ARN": place.machine_arn(names.machine("create-job")),
        "READ_REPORT_MACHINE_ARN": place.machine_arn(names.machine("read-report")),
        "COPY_LARGE_MACHINE_ARN": place.machine_arn(names.machine("copy-large")),
    }
