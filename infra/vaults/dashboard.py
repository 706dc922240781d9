"""The dashboard of vault transfers: one transfer, chosen by its job, and what all of them share.

Variables of a dashboard:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_dashboard_variables.html
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi import Input

from infra.dashboard import Chart, widgets
from infra.jobs.alarms import ENDED, function_metric, machine_metric, visible_metric
from infra.metrics import THAW_NAMESPACE, Metric, tracker_metric
from infra.names import Names
from infra.state_machines.definitions import VAULT_MACHINES
from infra.vaults.functions import VAULT_FUNCTIONS

JOB = "JobId"
"""The dimension of what is measured of one transfer."""

NO_JOB = "-"
"""In the place of the job that somebody chooses."""

STATUSES = ("Pending", "Restoring", "Restored", "Copied", "Failed", "Expired")
OF_A_TRANSFER: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Archives by status": ("Maximum", tuple(f"Archives{each}" for each in STATUSES)),
    "Bytes by status": ("Maximum", tuple(f"Bytes{each}" for each in STATUSES)),
    "Transferred (bytes a second)": ("Average", ("BytesPerSecond",)),
    "Time left (s)": ("Maximum", ("EtaSeconds",)),
    "Archives to be requested again": ("Maximum", ("ArchivesDueAgain",)),
}
OF_ALL: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Requested today (bytes)": ("Maximum", ("DayBytesUsed",)),
    "Requested and not transferred (bytes), and the limit": ("Maximum", ("StagedBytes", "StagedLimitBytes")),
    "Requests: accepted, refused, throttled": (
        "Sum",
        ("VaultRequests", "VaultRequestsRefused", "VaultRequestsThrottled"),
    ),
    "Transfers: watched, not watched, paused": (
        "Maximum",
        ("VaultsWatched", "VaultsNotWatched", "VaultsPaused"),
    ),
}
"""Titles, statistics and metrics that watch_vaults publishes."""

SHOWN_FIRST = "__FIRST"
"""What CloudWatch takes for the first value that it finds."""


def layout(names: Names, region: str, machine_arns: Mapping[str, Input[str]]) -> dict[str, Any]:
    """The dashboard's body; `machine_arns` are those of the state machines of vaults, by purpose."""
    return {
        "variables": [_job_variable(names)],
        "widgets": widgets(region, [*_of_a_transfer(names), *_of_all(names), *_of_aws(names, machine_arns)]),
    }


def _job_variable(names: Names) -> dict[str, Any]:
    """The transfers that this stack's watcher has measured."""
    watcher = names.job_function("watch_vaults")
    search = f'{{{THAW_NAMESPACE},service,{JOB}}} MetricName="ArchivesCopied" service="{watcher}"'
    return {
        "type": "property",
        "property": JOB,
        "inputType": "select",
        "id": "job",
        "label": "Transfer",
        "visible": True,
        "defaultValue": SHOWN_FIRST,
        "search": search,
        "populateFrom": JOB,
    }


def _of_a_transfer(names: Names) -> Iterable[Chart]:
    dimensions = {"service": names.job_function("watch_vaults"), JOB: NO_JOB}
    for title, (statistic, metrics) in OF_A_TRANSFER.items():
        yield title, statistic, [Metric(THAW_NAMESPACE, each, dimensions) for each in metrics]


def _of_all(names: Names) -> Iterable[Chart]:
    for title, (statistic, metrics) in OF_ALL.items():
        yield title, statistic, [tracker_metric(each, names.job_function("watch_vaults")) for each in metrics]


def _of_aws(names: Names, machine_arns: Mapping[str, Input[str]]) -> Iterable[Chart]:
    functions = [names.job_function(folder) for folder in VAULT_FUNCTIONS]
    yield "Archives waiting", "Maximum", [visible_metric(names.vault_queue)]
    yield "Oldest message (s)", "Maximum", [oldest_metric(names.vault_queue)]
    yield "Dead letters", "Maximum", [visible_metric(names.vault_dead_letter_queue)]
    yield "Workflows: not succeeded", "Sum", not_succeeded(machine_arns)
    yield "Functions: errors", "Sum", [function_metric("Errors", each) for each in functions]
    yield "Watcher: runs", "Sum", [function_metric("Invocations", names.job_function("watch_vaults"))]


def not_succeeded(machine_arns: Mapping[str, Input[str]]) -> list[Metric]:
    """The ends of executions that are no success; an alarm adds up at most ten metrics:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html"""
    ends = ("ExecutionsFailed", *(metric for metric, _ in ENDED.values()))
    return [machine_metric(end, machine_arns[purpose]) for purpose in VAULT_MACHINES for end in ends]


def oldest_metric(queue: str) -> Metric:
    """How long the oldest message of a queue has waited, in seconds."""
    return Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue})
