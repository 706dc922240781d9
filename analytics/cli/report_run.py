"""Makes reports for `thaw report`: opens the source, runs each, and says what went wrong in our own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import duckdb
import pandas as pd
from pyathena.error import Error as AthenaError

from analytics.cli import clients
from analytics.cli.bars import counting_bar
from analytics.cli.report_output import Made
from analytics.cli.tables import pause
from analytics.errors import QueryError
from analytics.formats import Frames
from analytics.price_file import load_prices
from analytics.reports import Source, run_report
from analytics.sources.errors import UnknownJobError
from analytics.sources.fleet import Fleet
from analytics.sources.opening import ATHENA, open_source
from analytics.sources.options import AthenaPlace, Clients, SourceOptions
from analytics.statements import Parameters

ATTENTION_HOURS = 24.0
_DEFAULT_REGION = "us-east-1"
_MEGABYTE = 1_000_000
_NAMED = 5
"""Deployments; of more than so many only the number is told."""


@dataclass(frozen=True)
class Wanted:
    """What a person asked `thaw report` for; None where nothing was said."""

    reports: Sequence[str]
    source: str
    as_of: datetime | None
    job_id: str | None
    attention_hours: float | None
    prices: Path | None
    region: str | None
    objects_table: str
    rollups_table: str
    athena: AthenaPlace
    memory_limit_mb: int

    def options(self) -> SourceOptions:
        """What the source has to know of it."""
        making = {
            "--as-of": self.as_of,
            "--attention-hours": self.attention_hours,
            "--prices": self.prices,
            "--region": self.region,
        }
        return SourceOptions(
            clients=Clients(clients.dynamodb, clients.s3, clients.athena),
            reports=tuple(self.reports),
            objects_table=self.objects_table,
            rollups_table=self.rollups_table,
            tell=_tell,
            counting=counting_bar,
            pause=pause,
            athena=self.athena,
            job_id=self.job_id,
            past=self.as_of is not None and self.as_of < datetime.now(UTC),
            making=tuple(option for option, value in making.items() if value is not None),
            memory_bytes=self.memory_limit_mb * _MEGABYTE,
        )

    def parameters(self, price: float) -> Parameters:
        """As of now, unless another time was named."""
        hours = ATTENTION_HOURS if self.attention_hours is None else self.attention_hours
        return Parameters(self.as_of or datetime.now(UTC), price, self.job_id, hours)

    def price(self) -> float:
        """USD for a GB-month of temporary storage, if a report needs it. Raises PriceError."""
        if "temporary_storage" not in self.reports:
            return 0.0
        region = self.region or clients.region()
        if region is None:
            region = _DEFAULT_REGION
            _tell(f"Costs are of {region}: no --region was given, and the environment names none.")
        return float(load_prices(self.prices).region(region).temporary_storage_usd_per_gb_month)


def make(wanted: Wanted) -> Made:
    """The reports. Raises ReportError, QueryError, PriceError, UnknownJobError, what open_source raises."""
    price = wanted.price()
    with open_source(wanted.source, wanted.options()) as opened:
        if isinstance(opened, Fleet):
            return _of_fleet(opened, wanted)
        parameters = wanted.parameters(price)
        frames = {name: _run(name, opened, parameters) for name in wanted.reports}
        if wanted.source == ATHENA:
            _check_job(opened, parameters, frames)
        return Made(frames, parameters.as_of or datetime.now(UTC), wanted.source, wanted.job_id)


def _check_job(athena: Source, parameters: Parameters, frames: Frames) -> None:
    """Raises UnknownJobError when Athena has nothing to say because no object is of the job asked for; the
    other sources look before. Of an object that is there `progress` has rows."""
    if parameters.job_id is None or not all(frame.empty for frame in frames.values()):
        return
    if "progress" in frames or _run("progress", athena, parameters).empty:
        raise UnknownJobError(f"{ATHENA} has no object of job {parameters.job_id!r}.")


def _run(name: str, source: Source, parameters: Parameters) -> pd.DataFrame:
    try:
        return run_report(name, source, parameters)
    except (duckdb.Error, AthenaError) as exc:
        raise QueryError(f"The report {name} failed: {exc}") from exc


def _of_fleet(fleet: Fleet, wanted: Wanted) -> Made:
    places = [f"{account} {region}" for account, region in fleet.homes]
    whose = ", ".join(places) if len(places) <= _NAMED else f"{len(places)} deployments"
    made = fleet.made or [datetime.now(UTC)]
    times = dict.fromkeys(f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (made[0], made[-1]))
    _tell(f"Reports of {whose}, as of {' to '.join(times)} UTC.")
    return Made(fleet.frames, made[-1], wanted.source, wanted.job_id)


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)
