"""The CloudWatch dashboard of a stack: events waiting, events applied, errors, throttles, reports.

Its shape: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Sequence
from typing import Any

from infra.metrics import Metric, tracker_metric, undelivered_metric

WIDTH, HEIGHT, COLUMNS = 12, 6, 2
PERIOD_SECONDS = 300

THAW_METRICS = (
    "AppliedEvents",
    "UnchangedEvents",
    "UntrackedEvents",
    "IgnoredEvents",
    "RetriedMessages",
    "PoisonMessages",
)


Chart = tuple[str, str, list[Metric]]
"""Title, statistic and metrics."""


def layout(
    *,
    region: str,
    queue: str,
    dead_letter_queue: str,
    function: str,
    event_rules: Sequence[str],
    report_metrics: Sequence[Metric],
    tables: Sequence[str],
    job_charts: Sequence[Chart] = (),
) -> dict[str, Any]:
    """The dashboard's body, for resources by name."""
    charts: list[Chart] = [
        ("Events waiting", "Maximum", [_sqs("ApproximateNumberOfMessagesVisible", queue)]),
        ("Age of the oldest event (s)", "Maximum", [_sqs("ApproximateAgeOfOldestMessage", queue)]),
        ("Dead letters", "Maximum", [_sqs("ApproximateNumberOfMessagesVisible", dead_letter_queue)]),
        ("What became of events", "Sum", [tracker_metric(name, function) for name in THAW_METRICS]),
        (
            "Function: invocations, errors, throttles",
            "Sum",
            [_lambda(name, function) for name in ("Invocations", "Errors", "Throttles")],
        ),
        ("Function: duration (ms)", "Average", [_lambda("Duration", function)]),
        ("Function: concurrent executions", "Maximum", [_lambda("ConcurrentExecutions", function)]),
        (
            "Tables: throttled requests",
            "Sum",
            [_dynamodb(name, table) for table in tables for name in THROTTLES],
        ),
    ]
    if event_rules:
        charts.append(
            ("Not delivered by EventBridge", "Sum", [undelivered_metric(rule) for rule in event_rules])
        )
    if report_metrics:
        charts.append(("Reports: runs, failures", "Sum", list(report_metrics)))
    charts += job_charts
    return {"widgets": widgets(region, charts)}


def widgets(region: str, charts: Sequence[Chart]) -> list[dict[str, Any]]:
    """The charts side by side, in their order."""
    return [_widget(i, region, *chart) for i, chart in enumerate(charts)]


THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")


def _sqs(name: str, queue: str) -> Metric:
    return Metric("AWS/SQS", name, {"QueueName": queue})


def _lambda(name: str, function: str) -> Metric:
    return Metric("AWS/Lambda", name, {"FunctionName": function})


def _dynamodb(name: str, table: str) -> Metric:
    return Metric("AWS/DynamoDB", name, {"TableName": table})


def _widget(position: int, region: str, title: str, statistic: str, metrics: list[Metric]) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": WIDTH * (position % COLUMNS),
        "y": HEIGHT * (position // COLUMNS),
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "view": "timeSeries",
            "region": region,
            "stat": statistic,
            "period": PERIOD_SECONDS,
            "metrics": [metric.in_dashboard for metric in metrics],
        },
    }
