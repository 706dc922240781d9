"""`thaw report`: what the records and counters say, for people, spreadsheets and scripts."""

from datetime import datetime
from pathlib import Path

import click

from analytics.cli.athena_options import athena_options
from analytics.cli.moment import Moment
from analytics.cli.tables import table_options
from analytics.schema import REPORTS
from analytics.sources.options import AthenaPlace

ALL = "all"
FORMATS = ("table", "csv", "parquet", "json", "html")


@click.command(
    epilog="Example: thaw report all --source dynamodb --format html --out july --job july",
)
@click.argument("names", nargs=-1, required=True, type=click.Choice([*REPORTS, ALL]), metavar="NAME...")
@click.option("--source", required=True, metavar="SOURCE", help="Where the records are: see above.")
@click.option("--out", metavar="FOLDER", help="For files; those of the same names are replaced.")
@click.option("--as-of", type=Moment(), help="Later events are as if they had not happened. Default: now.")
@click.option("--job", "job_id", help="Only this job. Default: all.")
@click.option(
    "--format",
    "wanted_format",
    type=click.Choice(FORMATS),
    help="Default: table; with --out csv. html is one page, report.html.",
)
@click.option(
    "--attention-hours",
    type=click.FloatRange(0),
    help="Expiring within them uncopied: attention. Default: 24.",
)
@click.option("--prices", type=click.Path(path_type=Path), help="Your prices, over the dated price file.")
@click.option("--region", help="Whose price of storage. Default: the environment's, else us-east-1.")
@click.option(
    "--memory-limit-mb", default=1500, show_default=True, type=click.IntRange(250), help="Beyond it, disk."
)
@table_options
@athena_options
def report(
    names: tuple[str, ...],
    source: str,
    out: str | None,
    as_of: datetime | None,
    job_id: str | None,
    wanted_format: str | None,
    attention_hours: float | None,
    prices: Path | None,
    region: str | None,
    memory_limit_mb: int,
    objects_table: str,
    rollups_table: str,
    athena: AthenaPlace,
) -> None:
    """Make reports out of object records or counters: NAME is one of progress, progress_hourly,
    restore_duration, restore_duration_histogram, temporary_storage, forecast, attention; or all.

    SOURCE is a file or folder of object records (Parquet, CSV, JSON; .gz too), a DynamoDB export, the
    s3:// URI of one of these, the reports bucket of one or more deployments, or one of the words `dynamodb`
    (the live tables: what counters do not tell is read by a scan, and said) and `athena`.
    """
    from analytics.cli.report_output import chosen_format, put_out
    from analytics.cli.report_run import Wanted, make

    chosen = tuple(name for name in REPORTS if name in names or ALL in names)
    file_format = chosen_format(wanted_format, out, chosen)
    wanted = Wanted(
        reports=chosen,
        source=source,
        as_of=as_of,
        job_id=job_id,
        attention_hours=attention_hours,
        prices=prices,
        region=region,
        objects_table=objects_table,
        rollups_table=rollups_table,
        athena=athena,
        memory_limit_mb=memory_limit_mb,
    )
    put_out(make(wanted), file_format, None if out is None else Path(out))
