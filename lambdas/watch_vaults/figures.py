"""The metrics of a look at vault transfers: of each by its name, and of all together."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thaw.vaults.answers import Kind
from thaw.vaults.looks import Figures, Watched


class Metric(NamedTuple):
    """One number, as CloudWatch takes it."""

    name: str
    unit: MetricUnit
    value: float


def publish_figures(metrics: Metrics, watched: Watched) -> None:
    """Prints them; those of a transfer have the dimension JobId besides the function's."""
    for figures in watched.jobs:
        metrics.add_dimension(name="JobId", value=figures.job_id)
        _publish(metrics, _of_job(figures))
    _publish(metrics, _of_all(watched))


def counts_of(watched: Watched) -> Mapping[str, int]:
    """What a look did, for the log."""
    return {name: number for name, number in sorted(watched.counts.items()) if number}


def _publish(metrics: Metrics, found: Iterator[Metric]) -> None:
    for metric in found:
        metrics.add_metric(name=metric.name, unit=metric.unit, value=metric.value)
    metrics.flush_metrics()


def _of_job(figures: Figures) -> Iterator[Metric]:
    for status, part in figures.progress.by_status.items():
        yield Metric(f"Archives{status.capitalize()}", MetricUnit.Count, part.objects)
        yield Metric(f"Bytes{status.capitalize()}", MetricUnit.Bytes, part.size_bytes)
    yield Metric("BytesPerSecond", MetricUnit.BytesPerSecond, figures.bytes_per_second)
    yield Metric("ArchivesDueAgain", MetricUnit.Count, figures.due_again)
    if figures.eta_seconds is not None:
        yield Metric("EtaSeconds", MetricUnit.Seconds, figures.eta_seconds)


def _of_all(watched: Watched) -> Iterator[Metric]:
    counts = watched.counts
    numbers = {
        "VaultsWatched": len(watched.jobs),
        "VaultsNotWatched": len(watched.failed),
        "VaultsPaused": watched.paused,
        "VaultRequests": counts[Kind.ACCEPTED.value],
        "VaultRequestsRefused": sum(
            counts[kind.value] for kind in (Kind.REFUSED, Kind.GONE, Kind.HELD, Kind.UNANSWERED)
        ),
        "VaultRequestsThrottled": counts[Kind.THROTTLED.value],
    }
    yield from (Metric(name, MetricUnit.Count, number) for name, number in numbers.items())
    sizes = {
        "StagedBytes": watched.staged.size_bytes,
        "StagedLimitBytes": watched.staged_limit.size_bytes,
        "DayBytesUsed": watched.day_bytes,
    }
    yield from (Metric(name, MetricUnit.Bytes, size) for name, size in sizes.items())
