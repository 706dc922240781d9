"""The metrics of one call of a function."""

from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit


def publish(metrics: Metrics, counts: Mapping[str, int]) -> None:
    """Prints the counts by name, from where CloudWatch takes them; what is named ...Bytes is in bytes."""
    for name, count in counts.items():
        unit = MetricUnit.Bytes if name.endswith("Bytes") else MetricUnit.Count
        metrics.add_metric(name=name, unit=unit, value=count)
    metrics.flush_metrics()
