"""DuckDB, set up to stay within its memory and to spill into our own folder; and work on all cores."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from thaw.duckdb_sessions import quiet

In = TypeVar("In")
Out = TypeVar("Out")

_STREAM_ROWS = 65_536


class Engine:
    """An in-memory database whose tables go to `folder` beyond `memory_bytes`."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self._connection = duckdb.connect(
            config={
                "threads": cores(),
                "memory_limit": f"{memory_bytes}B",
                "temp_directory": str(folder),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )

    def close(self) -> None:
        self._connection.close()

    def query(self, sql: str, batch: pa.Table | None = None) -> pa.Table:
        """The answer to one query, over the view `batch` if given; safe on any thread."""
        with self._connection.cursor() as cursor:
            quiet(cursor)
            if batch is not None:
                cursor.register("batch", batch)
            return cursor.sql(sql).to_arrow_table()

    def stream(self, sql: str) -> Iterator[pa.Table]:
        """The answer to one query, some rows at a time, however long it is."""
        with self._connection.cursor() as cursor:
            quiet(cursor)
            for batch in cursor.sql(sql).to_arrow_reader(_STREAM_ROWS):
                yield pa.Table.from_batches([batch])

    def execute(self, sql: str, batch: pa.Table | None = None) -> None:
        """One statement without an answer."""
        with self._connection.cursor() as cursor:
            if batch is not None:
                cursor.register("batch", batch)
            cursor.execute(sql)


@contextmanager
def engine(folder: Path, memory_bytes: int) -> Generator[Engine]:
    """An engine that is closed at the end."""
    opened = Engine(folder, memory_bytes)
    try:
        yield opened
    finally:
        opened.close()


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def in_parallel(function: Callable[[In], Out], inputs: Iterable[In]) -> Iterator[Out]:
    """`function` of each input, in their order, on all cores; only a few inputs are taken ahead."""
    pool = ThreadPoolExecutor(cores(), thread_name_prefix="thaw-manifest")
    running: deque[Future[Out]] = deque()
    try:
        for value in inputs:
            running.append(pool.submit(function, value))
            if len(running) > cores():
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
