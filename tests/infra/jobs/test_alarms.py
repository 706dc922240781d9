"""When somebody is told that jobs need looking after, and what the dashboard shows of them."""

import json

from tests.infra.jobs.recorded import full, reduced
from tests.infra.recording import Recorded, record


def alarms(recorded: Recorded) -> dict[str, tuple[str, str, object]]:
    """Metric and dimension of the alarms that are about jobs, by purpose."""
    others = {each.name for each in record({}).of_type("MetricAlarm")}
    return {
        each.name: (each.inputs["namespace"], each.inputs["metricName"], *each.inputs["dimensions"].values())
        for each in recorded.of_type("MetricAlarm")
        if each.name not in others and not each.name.startswith("undelivered-")
    }


def test_the_alarms_are_those_of_the_design() -> None:
    machine = "arn:aws:sfn:eu-central-1:123456789012:thaw-{}"
    assert alarms(full()) == {
        "jobs-failed": ("AWS/States", "ExecutionsFailed", machine.format("create-job")),
        "bucket-restores-failed": ("AWS/States", "ExecutionsFailed", machine.format("restore-bucket")),
        "reports-unread": ("AWS/States", "ExecutionsFailed", machine.format("read-report")),
        "large-copies-failed": ("AWS/States", "ExecutionsFailed", machine.format("copy-large")),
        "sweep-failed": ("AWS/States", "ExecutionsFailed", machine.format("sweep-copies")),
        **{
            f"{each}-{end}": ("AWS/States", metric, machine.format(each))
            for each in ("create-job", "restore-bucket", "read-report", "copy-large", "sweep-copies")
            for end, metric in (("timed-out", "ExecutionsTimedOut"), ("aborted", "ExecutionsAborted"))
        },
        "sweep-missing": ("AWS/States", "ExecutionsSucceeded", machine.format("sweep-copies")),
        "sweep-errors": ("Thaw", "SweepErrors", "thaw-sweep-copies"),
        "copy-dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "thaw-copies-dead-letter"),
        "copier-errors": ("AWS/Lambda", "Errors", "thaw-copy-objects"),
        "sources-undeleted": ("Thaw", "UndeletedSources", "thaw-copy-objects"),
        "large-sources-undeleted": ("Thaw", "UndeletedSources", "thaw-copy-large"),
        "watcher-errors": ("AWS/Lambda", "Errors", "thaw-watch-jobs"),
        "watcher-missing": ("AWS/Lambda", "Invocations", "thaw-watch-jobs"),
        "jobs-not-watched": ("Thaw", "JobsNotWatched", "thaw-watch-jobs"),
        "job-api-errors": ("AWS/ApiGateway", "5XXError", "thaw-job-api"),
    }


def test_silence_is_an_alarm_where_something_should_have_run() -> None:
    for name, periods in (("watcher-missing", 1), ("sweep-missing", 18)):
        alarm = full().one("MetricAlarm", name).inputs
        assert (alarm["comparisonOperator"], alarm["treatMissingData"]) == ("LessThanThreshold", "breaching")
        assert (alarm["period"], alarm["evaluationPeriods"]) == (3600, periods)


def test_what_is_not_there_raises_no_alarm() -> None:
    less = alarms(reduced())
    assert alarms(full()).keys() - less.keys() == {"sweep-missing", "job-api-errors"}


def test_the_dashboard_shows_every_alarmed_metric() -> None:
    body = json.loads(full().one("Dashboard").inputs["dashboardBody"])
    shown = {tuple(metric) for widget in body["widgets"] for metric in widget["properties"]["metrics"]}
    for alarm in full().of_type("MetricAlarm"):
        ((dimension, value),) = alarm.inputs["dimensions"].items()
        assert (alarm.inputs["namespace"], alarm.inputs["metricName"], dimension, value) in shown, alarm.name
