"""The metrics of one call of a function."""

from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit


def publish(metrics: Metrics, counts: Mapping[str, int]) -> None:
    """Prints the counts by name, from where CloudWatch takes them."""
    for name, count in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    metrics.flush_metrics()
