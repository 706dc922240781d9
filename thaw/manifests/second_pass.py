"""The second pass: write what was staged, without the duplicates."""

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


def write(
    staging: Staging,
    sql: str,
    engine: Engine,
    duplicates: Duplicates,
    imports: ImportWriter,
    manifests: ManifestWriter,
    objects: int,
    report: Report,
) -> RunningTotals:
    """Writes import files and manifests of the `objects` that are expected, spelled by `sql`
    (`spell_sql`). Raises OutputError."""
    totals = RunningTotals()
    tables = (duplicates.without(first, table) for first, table in staging.tables())
    for spelled in in_parallel(partial(_spell, sql=sql, engine=engine), tables):
        imports.write(spelled.lines)
        manifests.write(spelled.lines)
        totals.add(spelled.totals)
        report("write", imports.items, objects)
    return totals


def _spell(table: pa.Table, *, sql: str, engine: Engine) -> Spelled:
    return Spelled(engine.query(sql, table), engine.query(TOTALS_SQL, table))
