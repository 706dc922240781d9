"""Manifest preparation against its floor: decompressing and compressing the same files, nothing else.

Both run on the same generated inventory; preparation runs in a child process, whose peak memory is told.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from isal import igzip

from thaw.duckdb_sessions import quiet
from thaw.manifests.arrow import slices

FILES = 5
LEVEL = 2
"""igzip's own default, for the generated files, the floor and the import files alike."""

MEMORY_LIMITS = (1_500_000_000, 500_000_000)
"""The default, and the smallest that is allowed: what does not fit goes to disk."""

SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"

_ROWS_SQL = """
    SELECT concat(
        '"media-archive","', replace(url_encode(concat('projects/', hash(i) % 4000, '/',
            ['camera A', 'camera-b', 'scans', 'Überblick', 'masters'][(1 + hash(i + 1) % 5)::BIGINT], '/',
            2012 + i % 12, '/', format('{:016x}', hash(i * 7)), '-frame-', lpad(i::VARCHAR, 9, '0'),
            ['.dpx', '.mov', '.tar.gz', '.tif'][(1 + hash(i + 2) % 4)::BIGINT])), '%2F', '/'),
        '","', format('{:016x}{:016x}', hash(i * 3), hash(i * 5)),
        '","true","false","', hash(i + 3) % 80000000000,
        '","2019-0', 1 + i % 9, '-1', i % 10, 'T03:04:05.000Z',
        '","', format('{:016x}{:016x}', hash(i * 11), hash(i * 13)),
        '","', ['GLACIER', 'DEEP_ARCHIVE', 'DEEP_ARCHIVE', 'STANDARD', 'GLACIER', 'STANDARD_IA',
            'DEEP_ARCHIVE', 'GLACIER', 'INTELLIGENT_TIERING', 'DEEP_ARCHIVE'][(1 + hash(i + 5) % 10)::BIGINT],
        '"', chr(10)) AS line
    FROM (SELECT CASE WHEN i % 1000 = 999 THEN i - 500 ELSE i END AS i FROM range($first, $after) rows(i))"""
"""Rows $first to $after of an inventory: 70 % of them archived, one in a thousand a duplicate."""

_CHILD = """
import json, re, sys, time
from pathlib import Path
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings
source, out, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
started = time.perf_counter()
summary = prepare([source], out, PrepareSettings("bench", "Bulk", memory_limit_bytes=limit))
seconds = time.perf_counter() - started
peak = int(re.search("VmHWM: *\\t *([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024
counts = {name: getattr(summary, name) for name in ("objects", "duplicates")}
print(json.dumps({"seconds": seconds, "peak": peak, **counts}))
"""


@dataclass(frozen=True)
class Run:
    """One preparation: how long it took, its peak resident memory, and what it found."""

    seconds: float
    peak: int
    objects: int
    duplicates: int


def main(rows: int = 5_000_000) -> None:
    """Prints the ratio to the floor at the default memory limit, and at the smallest one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest, plain = _generate(folder, rows)
        packed = sum(path.stat().st_size for path in folder.glob("data/*"))
        print(
            f"manifest preparation: {rows:,} inventory rows, {plain / 1e6:,.0f} MB"
            f" as {packed / 1e6:,.0f} MB of CSV.gz, {len(os.sched_getaffinity(0))} cores"
        )
        floor = _floor(folder)
        print(f"  floor: isal decompress + compress  {floor:6.1f} s")
        for limit in MEMORY_LIMITS:
            run = _prepare(manifest, folder / f"out-{limit}", limit)
            print(
                f"  thaw, memory limit {limit / 1e6:8,.0f} MB   {run.seconds:6.1f} s"
                f"  {run.seconds / floor:.1f} x floor  {rows / run.seconds:9,.0f} rows/s"
                f"  peak {run.peak / 1e6:,.0f} MB  ({run.objects:,} objects, {run.duplicates:,} duplicates)"
            )


def _generate(folder: Path, rows: int) -> tuple[Path, int]:
    """The manifest.json of a new inventory of `rows` rows, and the bytes of its rows uncompressed."""
    (folder / "data").mkdir()
    plain, files = 0, list[dict[str, object]]()
    connection = quiet(duckdb.connect())
    for number in range(FILES):
        path = folder / "data" / f"part-{number}.csv.gz"
        bounds = {"first": number * rows // FILES, "after": (number + 1) * rows // FILES}
        reader = connection.sql(_ROWS_SQL, params=bounds).to_arrow_reader(100_000)
        with igzip.IGzipFile(str(path), "wb", compresslevel=LEVEL) as file:
            for batch in reader:
                for _, text in slices(pa.Table.from_batches([batch]), "line", rows, 0):
                    plain += file.write(text)
        data = path.read_bytes()
        checksum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        files.append({"key": f"data/{path.name}", "size": len(data), "MD5checksum": checksum})
    manifest = folder / "manifest.json"
    content = {"fileFormat": "CSV", "fileSchema": SCHEMA, "destinationBucket": "arn:aws:s3:::inventories"}
    manifest.write_text(json.dumps({**content, "files": files}))
    return manifest, plain


def _floor(folder: Path) -> float:
    started = time.perf_counter()
    for path in sorted(folder.glob("data/*")):
        with (
            igzip.IGzipFile(str(path), "rb") as source,
            igzip.IGzipFile(str(folder / "floor.gz"), "wb", compresslevel=LEVEL) as target,
        ):
            while data := source.read(1 << 20):
                target.write(data)
    return time.perf_counter() - started


def _prepare(manifest: Path, out: Path, limit: int) -> Run:
    command = [sys.executable, "-c", _CHILD, str(manifest), str(out), str(limit)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))


if __name__ == "__main__":
    main()
