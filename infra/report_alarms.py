"""When somebody must look after the scheduled reports: plain values."""

import re
from collections.abc import Iterator, Mapping

from infra.metrics import HOUR, MINUTE, AlarmRule, Metric, tracker_metric

MAX_HOURS = 7 * 24
"""What an alarm may look back: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
(EvaluationPeriods)"""

MISSED_RUNS = 3
"""Ours: of a `rate`, before its silence is an alarm."""

GRACE_HOURS = 2
"""Ours: what a daily run may be late, retries included."""

ROLLUP_RUNS, OBJECT_RUNS = "RollupReportRuns", "ObjectReportRuns"
"""The metrics with which the function counts finished runs."""

_PURPOSES = {ROLLUP_RUNS: "reports", OBJECT_RUNS: "object-reports"}

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_HOURS = {"minute": 1 / 60, "hour": 1, "day": 24}
_DAILY = re.compile(r"cron\(\S+ \S+ (\*|\?) \* (\*|\?)( \*)?\)")


def report_alarm_rules(
    *, function: str, failures: str, report_schedule: str, object_report_schedule: str
) -> list[AlarmRule]:
    """The alarms of the report function and its failure queue, by name; a schedule "" is none."""
    schedules = {ROLLUP_RUNS: report_schedule, OBJECT_RUNS: object_report_schedule}
    return [
        AlarmRule(
            "report-errors",
            Metric("AWS/Lambda", "Errors", {"FunctionName": function}),
            "Sum", 1, 5 * MINUTE, 1,
            "A run of the reports failed; its log says why. It is tried twice again.",
        ),
        AlarmRule(
            "report-failures",
            Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": failures}),
            "Maximum", 1, 5 * MINUTE, 1,
            "A run of the reports failed for good: mend the cause, invoke the function again with the event"
            " in the message, and delete the message.",
        ),
        *_overdue(function, schedules),
    ]  # fmt: skip


def _overdue(function: str, schedules: Mapping[str, str]) -> Iterator[AlarmRule]:
    """Of the metrics that count finished runs, by their schedules."""
    for metric, expression in schedules.items():
        hours = silent_hours(expression)
        if hours is not None:
            yield AlarmRule(
                f"{_PURPOSES[metric]}-missing",
                tracker_metric(metric, function),
                "Sum", 1, HOUR, hours,
                "No run of these reports has finished in time: see the function's log and its schedule.",
                overdue=True,
            )  # fmt: skip


def rate_hours(expression: str) -> float | None:
    """The hours between two runs of a `rate`; None for anything else."""
    found = _RATE.fullmatch(expression)
    return int(found[1]) * _HOURS[found[2]] if found else None


def silent_hours(expression: str) -> int | None:
    """For how many hours no run need finish on this schedule; None where nobody can say, or for too long."""
    interval = rate_hours(expression)
    if interval is not None:
        hours = interval * MISSED_RUNS
    elif _DAILY.fullmatch(expression):
        hours = 24 + GRACE_HOURS
    else:
        return None
    whole = max(1, -int(-hours // 1))
    return whole if whole <= MAX_HOURS else None
