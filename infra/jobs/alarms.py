"""When somebody must look after jobs; plain values."""

from collections.abc import Iterator, Mapping

from pulumi import Input

from infra.job_settings import JobSettings
from infra.metrics import HOUR, MINUTE, AlarmRule, Metric, tracker_metric
from infra.names import Names
from infra.report_alarms import silent_hours

FAILING: Mapping[str, tuple[str, str]] = {
    "create-job": (
        "jobs-failed",
        "A job was refused or failed; `thaw job show` says why. What it had begun is undone where it can be.",
    ),
    "restore-bucket": (
        "bucket-restores-failed",
        "The restore of a bucket was refused or failed; the execution's cause says why.",
    ),
    "read-report": (
        "reports-unread",
        "A completion report of Batch Operations could not be read; it is tried again, and its job waits.",
    ),
    "copy-large": (
        "large-copies-failed",
        "A large object could not be copied; its record has the reason.",
    ),
    "sweep-copies": (
        "sweep-failed",
        "Temporary copies may lapse uncopied: see the execution's cause, mend it, start the machine again.",
    ),
}
"""Purpose and advice of the alarm on failed executions, by machine."""

ENDED: Mapping[str, tuple[str, str]] = {
    "timed-out": ("ExecutionsTimedOut", "An execution ran out of time, which it cannot tell of itself. "),
    "aborted": ("ExecutionsAborted", "An execution was stopped from outside. "),
}
"""The other ways in which an execution comes to nothing; CloudWatch counts each as a metric of its own."""

DELETING: Mapping[str, str] = {
    "sources-undeleted": "copy_objects",
    "large-sources-undeleted": "copy_large",
}
"""The functions that delete sources where a job asks for it, by the purpose of their alarm."""


def job_alarm_rules(
    names: Names, settings: JobSettings, machine_arns: Mapping[str, Input[str]]
) -> list[AlarmRule]:
    """The alarms of a stack with jobs."""
    failed = [rule for machine in FAILING for rule in _failed(machine, machine_arns[machine])]
    watcher, copier = names.job_function("watch_jobs"), names.job_function("copy_objects")
    return [
        *failed,
        AlarmRule(
            "copy-dead-letters",
            visible_metric(names.copy_dead_letter_queue),
            "Maximum", 1, 5 * MINUTE, 1,
            "Copies were given up that no record tells of: see the copier's log, then redrive the queue.",
        ),
        AlarmRule(
            "copier-errors",
            function_metric("Errors", copier),
            "Sum", 1, 5 * MINUTE, 1,
            "The copier failed as a whole; its log says why. Its messages come again.",
        ),
        AlarmRule(
            "watcher-errors",
            function_metric("Errors", watcher),
            "Sum", 1, 5 * MINUTE, 1,
            "Jobs could not be looked after; the watcher's log says why. Its next run tries again.",
        ),
        AlarmRule(
            "jobs-not-watched",
            tracker_metric("JobsNotWatched", watcher),
            "Sum", 1, 5 * MINUTE, 1,
            "Some jobs could not be looked after; the watcher's log names them.",
        ),
        AlarmRule(
            "sweep-errors",
            tracker_metric("SweepErrors", names.job_function("sweep_copies")),
            "Sum", 1, 5 * MINUTE, 1,
            "Some temporary copies could not be extended and may lapse uncopied; the sweep's log names them.",
        ),
        *(_undeleted(purpose, names.job_function(folder)) for purpose, folder in DELETING.items()),
        *overdue("watcher-missing", function_metric("Invocations", watcher), settings.watch_schedule),
        *overdue(
            "sweep-missing",
            machine_metric("ExecutionsSucceeded", machine_arns["sweep-copies"]),
            settings.sweep_schedule,
        ),
        *([_api_errors(names)] if settings.job_api != "off" else []),
    ]  # fmt: skip


def _failed(machine: str, arn: Input[str]) -> Iterator[AlarmRule]:
    purpose, advice = FAILING[machine]
    yield AlarmRule(purpose, machine_metric("ExecutionsFailed", arn), "Sum", 1, 5 * MINUTE, 1, advice)
    for end, (metric, how) in ENDED.items():
        name = f"{machine}-{end}"
        yield AlarmRule(name, machine_metric(metric, arn), "Sum", 1, 5 * MINUTE, 1, how + advice)


def _undeleted(purpose: str, function: str) -> AlarmRule:
    return AlarmRule(
        purpose,
        tracker_metric("UndeletedSources", function),
        "Sum", 1, 5 * MINUTE, 1,
        "Sources were copied but could not be deleted as asked; the function's log names them.",
    )  # fmt: skip


def overdue(purpose: str, metric: Metric, expression: str) -> Iterator[AlarmRule]:
    """The alarm on something that has not run by its schedule; none where that says not when."""
    hours = silent_hours(expression)
    if hours is not None:
        yield AlarmRule(
            purpose,
            metric,
            "Sum", 1, HOUR, hours,
            "It has not run in time: see its schedule, and whether EventBridge Scheduler may still call it.",
            overdue=True,
        )  # fmt: skip


def _api_errors(names: Names) -> AlarmRule:
    return AlarmRule(
        "job-api-errors",
        Metric("AWS/ApiGateway", "5XXError", {"ApiName": names.job_api}),
        "Sum", 1, 5 * MINUTE, 1,
        "The API could not answer; the log of its function says why.",
    )  # fmt: skip


def machine_metric(name: str, arn: Input[str]) -> Metric:
    """Of a state machine's executions:
    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html"""
    return Metric("AWS/States", name, {"StateMachineArn": arn})


def function_metric(name: str, function: str) -> Metric:
    """Of a function, as Lambda counts."""
    return Metric("AWS/Lambda", name, {"FunctionName": function})


def visible_metric(queue: str) -> Metric:
    """The messages that wait in a queue."""
    return Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue})
