"""Planning a vault: an inventory of every naming format to a plan, in a child process whose peak is told.

The floor reads the inventory, sorts its rows by time and id, and writes them compressed, in DuckDB alone.
`python -m benchmarks.planning ROWS` plans another number of rows.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from thaw.duckdb_sessions import quiet
from thaw.vaults.inventory_text import HEADER

ROWS = 10_000_000
MEMORY_BYTES = 2_000_000_000
"""What DuckDB may take; the interpreter and the rows on their way come on top."""

_INVENTORY_SQL = """
    SELECT substr(replace(replace(to_base64(unhex(sha256(i::VARCHAR) || sha256('b' || i)
            || sha256('c' || i) || sha256('d' || i))), '+', '-'), '/', '_'), 1, 138) || ',"' ||
        replace(replace(CASE i % 10
            WHEN 8 THEN '{"Path":"C:\\\\' || replace(name, '/', '\\\\') || '","UTCDateModified":"20120515"}'
            WHEN 9 THEN ''
            ELSE CASE WHEN i % 10 < 4 THEN name ELSE '<m><v>4</v><p>' || to_base64(encode(name))
                || '</p><lm>20120515T171946Z</lm></m>' END
        END, '\\', '\\\\'), '"', '\\"') || '",' ||
        strftime(TIMESTAMP '2012-08-21' + to_seconds(i * 30), '%Y-%m-%dT%H:%M:%SZ') || ',' ||
        (1 + hash(i) % 500000000) || ',' || sha256('tree' || i) AS line
    FROM (SELECT i, 'photos/' || (i // 20 % 4000) || '/' || (2012 + i // 20 % 12) || '/img-'
        || lpad((i // 20)::VARCHAR, 9, '0') || '.jpg' AS name FROM range($rows) rows(i))"""
"""Names in four formats, each some ten times, and a tenth of the archives without one."""

_FLOOR_SQL = """
    COPY (SELECT line FROM read_csv($source, columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '',
            escape = '', header = true, auto_detect = false)
        ORDER BY substr(line, length(line) - 100, 35), line)
    TO '{target}' (FORMAT csv, COMPRESSION gzip, QUOTE '', HEADER false, DELIMITER '\x01')"""

_CHILD = """
import json, re, sys, time
from pathlib import Path
from thaw.vaults.local_planning import plan_inventory
from thaw.vaults.planning_sql import PlanParameters
source, out, memory = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
started = time.perf_counter()
found = plan_inventory(source, out, PlanParameters("in/"), memory_bytes=memory)
seconds = time.perf_counter() - started
peak = int(re.search("VmHWM: *\\t *([0-9]+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([seconds, peak, found.archives, found.renamed]))
"""


def main(rows: int = ROWS) -> None:
    """Prints time and memory, and the ratio to the floor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inventory = _generate(folder, rows)
        size = inventory.stat().st_size
        print(
            f"planning: {rows:,} inventory rows, {size / 1e6:,.0f} MB, {len(os.sched_getaffinity(0))} cores,"
            f" memory limit {MEMORY_BYTES / 1e6:,.0f} MB"
        )
        floor = _floor(inventory, folder)
        print(f"  floor: DuckDB reads, sorts, compresses  {floor:7.1f} s")
        command = [sys.executable, "-c", _CHILD, str(inventory), str(folder / "out"), str(MEMORY_BYTES)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, peak, archives, renamed = json.loads(done.stdout)
        print(
            f"  thaw: names, unique keys, order, plan   {seconds:7.1f} s  {seconds / floor:.1f} x floor"
            f"  {rows / seconds:9,.0f} rows/s  peak {peak / 1e6:,.0f} MB"
            f"  ({archives:,} archives, {renamed:,} renamed)"
        )


def _generate(folder: Path, rows: int) -> Path:
    path = folder / "inventory.csv"
    connection = quiet(duckdb.connect())
    with path.open("w") as file:
        file.write(f"{HEADER}\n")
        answer = connection.execute(_INVENTORY_SQL, {"rows": rows})
        while lines := answer.fetchmany(100_000):
            file.writelines(f"{line}\n" for (line,) in lines)
    return path


def _floor(inventory: Path, folder: Path) -> float:
    connection = quiet(
        duckdb.connect(config={"memory_limit": f"{MEMORY_BYTES}B", "temp_directory": str(folder)})
    )
    started = time.perf_counter()
    connection.execute(_FLOOR_SQL.replace("{target}", str(folder / "floor.gz")), {"source": str(inventory)})
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
