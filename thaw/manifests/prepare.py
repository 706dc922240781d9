"""Manifest preparation: inventories and manifests in, everything a job starts from out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from thaw.core.times import to_iso
from thaw.manifests.duplicates import Duplicates
from thaw.manifests.engine import engine
from thaw.manifests.first_pass import Findings, stage
from thaw.manifests.progress import Report, no_report
from thaw.manifests.publishing import check_output, publish, work_folder
from thaw.manifests.reading import chunks
from thaw.manifests.rules import spell_sql
from thaw.manifests.s3 import SCHEME, S3Uri, parse_uri
from thaw.manifests.second_pass import kept, sorted_by_key, write
from thaw.manifests.settings import PrepareSettings
from thaw.manifests.sources import DataFile, data_files
from thaw.manifests.staging import Staging
from thaw.manifests.summary import Summary
from thaw.manifests.totals import RunningTotals
from thaw.manifests.writing import IMPORT_PREFIX, SUMMARY, ImportWriter, ManifestWriter, RejectWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def prepare(
    sources: Sequence[str],
    out: str,
    settings: PrepareSettings,
    *,
    s3: "S3Client | None" = None,
    progress: Report = no_report,
    now: datetime | None = None,
) -> Summary:
    """Writes the job that `sources` describe to `out`; each is a local path or an `s3://` URI.

    A source is the manifest.json of an S3 Inventory (CSV, Parquet or ORC; of a downloaded one the data
    files are looked for beside and below it) or a Batch Operations CSV (bucket,key[,versionId], no
    header). `out` is a folder or prefix that is empty, or holds an earlier output of Thaw and
    `settings.overwrite` is set. `s3` is needed for what is in S3; `now` is the job's time of creation,
    by default the present.

    Of rows that name the same object version the first one counts, in the order of the sources. The
    output appears whole or not at all; in S3 `summary.json` comes last and makes it complete.

    Raises ManifestError: SourceError, ChecksumError and MissingColumnError for what cannot be read,
    TierError, OutputError and SettingsError for what cannot be done.
    """
    target = _target(out)
    check_output(target, s3, overwrite=settings.overwrite)
    files = data_files(sources, s3)
    with work_folder(target) as work:
        folder = work / "output"
        folder.mkdir()
        counts = _write(files, folder, settings, s3, work, progress)
        summary = _summary(sources, settings, counts, to_iso(now or datetime.now(UTC)))
        (folder / SUMMARY).write_text(summary.to_json(), encoding="utf-8")
        publish(folder, target, s3)
    return summary


class _Counts(NamedTuple):
    """What the two passes counted, each on its own."""

    found: Findings
    rejects: int
    duplicates: int
    objects: int
    totals: RunningTotals
    manifests: dict[str, str]


def _write(
    files: Sequence[DataFile],
    folder: Path,
    settings: PrepareSettings,
    s3: "S3Client | None",
    work: Path,
    progress: Report,
) -> _Counts:
    """All files of the output but the summary."""
    with engine(work / "spill", settings.engine_memory_bytes) as sql:
        staging, duplicates = Staging(work / "staged"), Duplicates(sql)
        with RejectWriter(folder) as rejects:
            rows = chunks(files, settings, s3, work)
            found = stage(rows, settings, sql, staging, duplicates, rejects, progress)
        duplicates.find(staging)
        expected = found.rows_in - found.filtered - rejects.count - duplicates.count
        manifests = ManifestWriter(folder)
        with ImportWriter(folder / IMPORT_PREFIX, settings.rows_per_part) as imports:
            lines = spell_sql(settings, found.versioned)
            tables = kept(staging, duplicates)
            tables = sorted_by_key(tables, sql) if settings.sort else tables
            totals = write(tables, lines, sql, imports, manifests, expected, progress)
    return _Counts(found, rejects.count, duplicates.count, imports.items, totals, manifests.names)


def _summary(sources: Sequence[str], settings: PrepareSettings, counts: _Counts, created_at: str) -> Summary:
    return Summary(
        job_id=settings.job_id,
        tier=settings.tier,
        created_at=created_at,
        sources=tuple(sources),
        rows_in=counts.found.rows_in,
        duplicates=counts.duplicates,
        filtered=counts.found.filtered,
        rejects=counts.rejects,
        objects=counts.objects,
        size_bytes=counts.totals.size_bytes,
        objects_of_unknown_size=counts.totals.objects_of_unknown_size,
        by_storage_class=counts.totals.by_storage_class(),
        by_bucket=counts.totals.by_bucket(),
        import_prefix=IMPORT_PREFIX,
        manifests=dict(sorted(counts.manifests.items())),
    )


def _target(out: str) -> Path | S3Uri:
    if not out.startswith(SCHEME):
        return Path(out).absolute()
    uri = parse_uri(out)
    return uri._replace(key=uri.key if not uri.key or uri.key.endswith("/") else uri.key + "/")
