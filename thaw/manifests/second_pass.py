"""The second pass: write what was staged, without the duplicates."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import pyarrow as pa

from thaw.manifests.duplicates import Duplicates
from thaw.manifests.engine import Engine, in_parallel
from thaw.manifests.progress import Report
from thaw.manifests.rules import TOTALS_SQL
from thaw.manifests.staging import Staging
from thaw.manifests.totals import RunningTotals
from thaw.manifests.writing import ImportWriter, ManifestWriter


class Spelled(NamedTuple):
    """Some objects as output: the columns of `spell_sql`, and the answer to `TOTALS_SQL`."""

    lines: pa.Table
    totals: pa.Table


_KEPT_COLUMNS = (
    "bucket VARCHAR, key VARCHAR, version_id VARCHAR, size_bytes BIGINT, storage_class VARCHAR,"
    " last_modified VARCHAR"
)


def kept(staging: Staging, duplicates: Duplicates) -> Iterator[pa.Table]:
    """What was staged and is no duplicate, in the order of the sources."""
    return (duplicates.without(first, table) for first, table in staging.tables())


def sorted_by_key(tables: Iterable[pa.Table], engine: Engine) -> Iterator[pa.Table]:
    """The rows of `tables`, of the columns of staging, in S3's order: that of their UTF-8."""
    engine.execute(f"CREATE TABLE kept ({_KEPT_COLUMNS})")
    for table in tables:
        engine.execute("INSERT INTO kept SELECT * FROM batch", table)
    yield from engine.stream("SELECT * FROM kept ORDER BY bucket, key, version_id")


def write(
    tables: Iterable[pa.Table],
    sql: str,
    engine: Engine,
    imports: ImportWriter,
    manifests: ManifestWriter,
    objects: int,
    report: Report,
) -> RunningTotals:
    """Writes import files and manifests of the `objects` that are expected in `tables`, spelled by `sql`
    (`spell_sql`). Raises OutputError."""
    totals = RunningTotals()
    for spelled in in_parallel(partial(_spell, sql=sql, engine=engine), tables):
        imports.write(spelled.lines)
        manifests.write(spelled.lines)
        totals.add(spelled.totals)
        report("write", imports.items, objects)
    return totals


def _spell(table: pa.Table, *, sql: str, engine: Engine) -> Spelled:
    return Spelled(engine.query(sql, table), engine.query(TOTALS_SQL, table))
