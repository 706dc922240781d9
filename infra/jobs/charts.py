"""What the dashboard shows of jobs; plain values."""

from collections.abc import Iterable, Mapping

from pulumi import Input

from infra.dashboard import Chart
from infra.job_settings import JobSettings
from infra.jobs.alarms import DELETING, ENDED, FAILING, function_metric, machine_metric, visible_metric
from infra.metrics import Metric, tracker_metric
from infra.names import Names

COPIES = ("CopiedObjects", "FailedCopies", "RetriedCopies")
SWEEPS = ("ExtendedRestores", "ResentCopies", "SweepErrors")
"""Metrics that the functions publish."""


def job_charts(
    names: Names, settings: JobSettings, machine_arns: Mapping[str, Input[str]], folders: Iterable[str]
) -> list[Chart]:
    """What the dashboard shows; `folders` are those of the functions."""
    machines = [machine_arns[each] for each in FAILING]
    errors = [function_metric("Errors", names.job_function(each)) for each in folders]
    watcher, copier, sweeper = map(names.job_function, ("watch_jobs", "copy_objects", "sweep_copies"))
    watched = [tracker_metric(each, watcher) for each in ("JobsWatched", "JobsNotWatched", "EventsSent")]
    charts: list[Chart] = [
        ("Workflows: succeeded", "Sum", [machine_metric("ExecutionsSucceeded", each) for each in machines]),
        ("Workflows: failed", "Sum", [machine_metric("ExecutionsFailed", each) for each in machines]),
        *(
            (f"Workflows: {end}", "Sum", [machine_metric(metric, each) for each in machines])
            for end, (metric, _) in ENDED.items()
        ),
        ("Copies waiting", "Maximum", [visible_metric(names.copy_queue)]),
        ("Copies: dead letters", "Maximum", [visible_metric(names.copy_dead_letter_queue)]),
        ("Copies: objects, failures", "Sum", [tracker_metric(each, copier) for each in COPIES]),
        ("Sweep", "Sum", [tracker_metric(each, sweeper) for each in SWEEPS]),
        (
            "Sources not deleted",
            "Sum",
            [tracker_metric("UndeletedSources", names.job_function(each)) for each in DELETING.values()],
        ),
        ("Functions of jobs: errors", "Sum", errors),
        ("Jobs watched, events sent", "Sum", [*watched, function_metric("Invocations", watcher)]),
    ]
    if settings.job_api != "off":
        answers = [
            Metric("AWS/ApiGateway", each, {"ApiName": names.job_api})
            for each in ("Count", "4XXError", "5XXError")
        ]
        charts.append(("API: requests, refusals, errors", "Sum", answers))
    return charts
