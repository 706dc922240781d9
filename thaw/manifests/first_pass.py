"""The first pass: read every row, judge it, and stage what is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import pyarrow as pa

from thaw.manifests.arrow import count_equal, distinct, numbered, rows_equal, rows_null, rows_other, rows_true
from thaw.manifests.duplicates import Duplicates
from thaw.manifests.engine import Engine, in_parallel
from thaw.manifests.errors import TierError
from thaw.manifests.progress import Report
from thaw.manifests.rows import Chunk, Reject, Rows
from thaw.manifests.rules import FILTERED, judge_sql
from thaw.manifests.settings import PrepareSettings
from thaw.manifests.staging import SCHEMA, Staging
from thaw.manifests.writing import RejectWriter

_IDENTITY = ["identity"]
_LINE = attrgetter("line")


class Judged(NamedTuple):
    """What became of the rows of a chunk; `kept` has the columns of `judge_sql`."""

    rows: int
    filtered: int
    kept: pa.Table
    rejects: list[Reject]


@dataclass
class Findings:
    """What the first pass counted, and the buckets whose rows name versions."""

    rows_in: int = 0
    filtered: int = 0
    versioned: set[str] = field(default_factory=set[str])


def stage(
    chunks: Iterable[Chunk],
    settings: PrepareSettings,
    engine: Engine,
    staging: Staging,
    duplicates: Duplicates,
    rejects: RejectWriter,
    report: Report,
) -> Findings:
    """Stages the kept rows of all chunks in order, and writes the rejects. Raises TierError."""
    findings = Findings()
    for judged in in_parallel(partial(judge, settings=settings, engine=engine), chunks):
        findings.rows_in += judged.rows
        findings.filtered += judged.filtered
        findings.versioned.update(distinct(rows_true(judged.kept, "names_version"), "bucket"))
        _check_tier(judged.kept, settings.tier)
        staging.append(judged.kept.select(SCHEMA.names).cast(SCHEMA))
        duplicates.note(judged.kept.select(_IDENTITY))
        rejects.write(sorted(judged.rejects, key=_LINE))
        report("read", findings.rows_in, 0)
    staging.finish()
    return findings


def judge(chunk: Chunk, *, settings: PrepareSettings, engine: Engine) -> Judged:
    """The rules applied to the rows of a chunk."""
    rows = chunk.parse()
    table = numbered(rows.table, "index")
    sql = judge_sql(rows.table, settings, url_encoded=chunk.url_encoded)
    answer = engine.query(sql, table)
    filtered = count_equal(answer, "reason", FILTERED)
    kept = rows_null(answer, "reason")
    rejects = list(rows.rejects)
    if answer.num_rows > kept.num_rows + filtered:
        rejects += _refused(chunk.file, rows, answer)
    return Judged(table.num_rows + len(rows.rejects), filtered, kept, rejects)


def _refused(file: str, rows: Rows, answer: pa.Table) -> Iterator[Reject]:
    refused = rows_other(answer.select(["index", "reason"]), "reason", FILTERED)
    for row in refused.to_pylist():
        line, text = rows.where(row["index"])
        yield Reject(file, line, row["reason"], text)


def _check_tier(kept: pa.Table, tier: str) -> None:
    if tier != "Expedited":
        return
    for first in rows_equal(kept, "storage_class", "DEEP_ARCHIVE").slice(0, 1).to_pylist():
        raise TierError(
            f"Tier Expedited does not exist for DEEP_ARCHIVE, the class of {first['bucket']}/{first['key']}:"
            " use Standard or Bulk, or filter the storage class."
        )
