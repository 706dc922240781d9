"""All reports over a file of object records, against pandas and against merely scanning the columns they
need; and from the counters of a small and of a large job.

Each side runs in processes of its own, in turns, whose time and peak memory are told.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from analytics.engines import DuckDbEngine
from analytics.reports import Source, run_report
from analytics.rollup_relations import load_rollups
from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, statement
from benchmarks import reports_in_pandas
from benchmarks.counters import totals_of
from benchmarks.lives import WHOLE_JOB, lives
from benchmarks.object_file import AS_OF, ATTENTION_HOURS, USD_PER_GB_MONTH, write_object_file
from benchmarks.timing import in_turns, timed
from thaw.core.jobs import Job
from thaw.duckdb_sessions import quiet
from thaw.store.jobs import JobCounters

PARAMETERS = Parameters(AS_OF, USD_PER_GB_MONTH, attention_hours=ATTENTION_HOURS)
READ = "read the file"
"""What pandas does once; DuckDB reads what a report needs in each."""

FROM_ROLLUPS = [name for name, report in REPORTS.items() if Origin.ROLLUPS in report.origins]

_CHILD = "from benchmarks.reports import measure; measure(*__import__('sys').argv[1:])"
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Run(NamedTuple):
    """One process: seconds by report and its peak resident memory."""

    seconds: Mapping[str, float]
    peak: int


def main(rows: int = 10_000_000, rounds: int = 3, small: int = 1_000, large: int = 1_000_000) -> None:
    """Prints how long each side takes by report, and how they compare."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "objects.parquet"
        write_object_file(path, rows)
        megabytes = path.stat().st_size / 1e6
        print(f"{rows:,} object records, {megabytes:,.0f} MB of Parquet, fastest of {rounds} rounds")
        runs: dict[str, list[Run]] = {side: [] for side in SIDES}
        for number in range(rounds):
            for side in list(SIDES)[:: -1 if number % 2 else 1]:
                runs[side].append(_run(side, path))
    _print_sides(runs)
    _print_rollups({f"{size:,}": _counted(size) for size in (small, large)}, rounds)


def thaw_side(path: str) -> dict[str, Callable[[], object]]:
    """Every report by DuckDB."""
    source = Source(DuckDbEngine(_opened(path)), frozenset({Origin.OBJECTS}))
    return {name: partial(run_report, name, source, PARAMETERS) for name in REPORTS}


def pandas_side(path: str) -> dict[str, Callable[[], object]]:
    """Every report by pandas, from a file that it reads once."""
    frames: list[reports_in_pandas.Frame] = []

    def read() -> None:
        frames.append(reports_in_pandas.read(path))

    def run(name: str) -> None:
        reports_in_pandas.REPORTS[name](frames[0])

    return {READ: read, **{name: partial(run, name) for name in REPORTS}}


def scan_side(path: str) -> dict[str, Callable[[], object]]:
    """For every report, the columns that its statement reads, each looked at and no more."""
    connection = _opened(path)
    return {name: partial(connection.execute, _scan(connection, name)) for name in REPORTS}


SIDES = {"thaw": thaw_side, "pandas": pandas_side, "scan": scan_side}


def measure(side: str, path: str) -> None:
    """Runs one side in this process and prints its Run as JSON."""
    seconds = {name: timed(act) for name, act in SIDES[side](path).items()}
    # Not getrusage: what a child of ours reports there includes the memory of its parent.
    found = _PEAK.search(Path("/proc/self/status").read_text())
    assert found, "Linux tells the peak"
    print(json.dumps({"seconds": seconds, "peak": int(found[1]) * 1024}))


def _opened(path: str) -> duckdb.DuckDBPyConnection:
    connection = quiet(duckdb.connect())
    connection.execute(f"CREATE VIEW objects AS FROM read_parquet('{path}')")
    return connection


def _scan(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A statement that looks at every value of the columns that the report reads, by DuckDB's own plan."""
    sql = statement(name, Origin.OBJECTS, PARAMETERS)
    row = connection.execute(f"EXPLAIN (FORMAT json) {sql}").fetchone()
    assert row, "a plan is one row"
    columns = {column for columns in _scanned(json.loads(row[1])) for column in columns}
    return f"SELECT max(hash({', '.join(sorted(columns))})) FROM objects"  # noqa: S608 - columns of the file


def _scanned(plans: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    for plan in plans:
        if plan["extra_info"].get("Function") == "READ_PARQUET":
            yield plan["extra_info"]["Projections"]
        yield from _scanned(plan["children"])


def _run(side: str, path: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, side, str(path)], check=True, capture_output=True, text=True
    )
    return Run(**json.loads(done.stdout))


def _print_sides(runs: Mapping[str, list[Run]]) -> None:
    def seconds(side: str, name: str) -> float:
        return min(run.seconds[name] for run in runs[side])

    print(f"{'':<28}{'thaw':>8}{'pandas':>8}{'scan':>8}")
    print(f"{READ:<28}{'':>8}{seconds('pandas', READ):>6.2f} s")
    for name in REPORTS:
        figures = "".join(f"{seconds(side, name):>6.2f} s" for side in runs)
        print(f"{name:<28}{figures}  {seconds('thaw', name) / seconds('scan', name):.1f} x the scan")
    total = {side: min(sum(run.seconds.values()) for run in runs[side]) for side in runs}
    peak = {side: max(run.peak for run in runs[side]) for side in runs}
    print(f"{'all of it':<28}" + "".join(f"{total[side]:>6.1f} s" for side in runs))
    print(f"{'peak memory':<28}" + "".join(f"{peak[side] / 1e9:>5.2f} GB" for side in runs))
    print(
        f"pandas takes {total['pandas'] / total['thaw']:.1f} x the time (expected: at least 5) and"
        f" {peak['pandas'] / peak['thaw']:.1f} x the memory (expected: at least 10);"
        " the duration report is expected within 3 x its scan"
    )


def _counted(objects: int) -> tuple[Job, JobCounters]:
    job, slots = totals_of(lives(objects, WHOLE_JOB, job_id=f"job-of-{objects}"))
    counters: Counter[tuple[str, str]] = Counter()
    for slot in slots:
        for key, amount in slot.items():
            counters[key.metric, key.attribute] += amount
    return job, counters


def _print_rollups(jobs: Mapping[str, tuple[Job, JobCounters]], rounds: int) -> None:
    """Every report that counters can give, the loading of the counters included."""
    sides = {size: partial(_from_rollups, *job) for size, job in jobs.items()}
    for size, times in in_turns(sides, rounds).items():
        print(
            f"from rollups, a job of {size} objects, {len(jobs[size][1]):,} counters:"
            f" {len(FROM_ROLLUPS)} reports in {min(times):.2f} s (expected: less than 0.2 s each)"
        )


def _from_rollups(job: Job, counters: JobCounters) -> None:
    with duckdb.connect() as connection:
        load_rollups(connection, [(job, counters)])
        source = Source(DuckDbEngine(connection), frozenset({Origin.ROLLUPS}))
        for name in FROM_ROLLUPS:
            run_report(name, source, PARAMETERS)
