"""Writes a plan: its parts and their import parts, the whole of it and what it leaves out, for people."""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import pyarrow as pa

from thaw.core.job_files import left_out_part
from thaw.core.vault_files import ROWS_PER_PART, plan_part
from thaw.core.vault_plans import PlanFigures
from thaw.jobs.parts import import_part
from thaw.manifests.arrow import slices
from thaw.vaults.errors import PlanError
from thaw.vaults.plan_database import PlanDatabase
from thaw.vaults.plan_lines import (
    EXCLUDED_COUNTS,
    EXCLUDED_LINES,
    FIGURES,
    PLAN_LINES,
    UNUSED_NAMES,
    Entry,
    left_out,
    part_lines,
)
from thaw.vaults.plan_parts import COLUMNS

_LEVEL = 2
_GZIP = 31
"""Of zlib: with the header of gzip. A file of several such members is one file to every reader."""

_WRITERS = 16
_AHEAD = 64
"""Parts that wait to be written at most: a few MB."""


class Stream(Protocol):
    """An object or a file being written from its beginning to its end."""

    def write(self, content: bytes, /) -> object: ...


def figures(database: PlanDatabase, *, of_inventory: bool = True) -> PlanFigures:
    """Counts what is planned and what is not. Raises PlanError where a row is lost."""
    counted = database.one(FIGURES)
    names = (
        "archives",
        "size_bytes",
        "largest_bytes",
        "renamed",
        "unnamed",
        "existing",
        "single_part",
        "parts",
    )
    excluded = dict(database.rows(EXCLUDED_COUNTS))
    unused = int(database.one(UNUSED_NAMES)[0]) if of_inventory else 0
    values = {name: int(value) for name, value in zip(names, counted, strict=True)}
    rows_in = values["archives"] + sum(excluded.values())
    return PlanFigures(rows_in=rows_in, unused_names=unused, excluded=excluded, **values)


def check_rows(database: PlanDatabase, found: PlanFigures) -> None:
    """Raises PlanError unless every row of the inventory is in the plan once, planned or excluded."""
    rows = int(database.one("SELECT count(*) FROM inventory_rows")[0])
    if rows != found.rows_in:
        raise PlanError(
            f"The inventory has {rows:,} rows, and the plan tells of {found.rows_in:,}: it is not used."
        )


def write_plan(database: PlanDatabase, stream: Stream) -> None:
    """The whole plan."""
    stream.write(PLAN_BEGINNING)
    for text in _texts(database.stream(PLAN_LINES)):
        stream.write(_zipped(text))


def write_excluded(database: PlanDatabase, stream: Stream, *, header: bool = True) -> None:
    """What is not transferred, with the reasons."""
    if header:
        stream.write(EXCLUDED_BEGINNING)
    for text in _texts(database.stream(EXCLUDED_LINES)):
        stream.write(_zipped(text))


def write_parts(
    database: PlanDatabase,
    entry: Entry,
    stream: Stream,
    write: Callable[[str, bytes], object],
    first: int = 0,
) -> int:
    """The whole plan, its parts and their import parts, by their keys in the jobs bucket; how many parts.

    `write` is called by several threads. Of a plan in pieces, `first` is the number of the first part here.
    """
    sql = part_lines(entry)
    if not first:
        stream.write(PLAN_BEGINNING)

    def write_one(number: int, lines: bytes, records: bytes) -> bytes:
        zipped = _zipped(lines)
        write(plan_part(entry.job_id, number), PLAN_BEGINNING + zipped)
        write(import_part(entry.job_id, number), _zipped(records))
        return zipped

    number = first
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="thaw-plan") as pool:
        waiting: list[Future[bytes]] = []
        for number, (lines, records) in enumerate(_parts(database.stream(sql)), first + 1):
            waiting.append(pool.submit(write_one, number - 1, lines, records))
            if len(waiting) >= _AHEAD:
                stream.write(waiting.pop(0).result())
        for future in waiting:
            stream.write(future.result())
    return number - first


def write_left_out(database: PlanDatabase, entry: Entry, write: Callable[[str, bytes], object]) -> int:
    """Import parts of what the plans of earlier runs had and this one leaves out; how many parts."""
    number = 0
    for batch in database.stream(left_out(entry)):
        for _, records in slices(pa.Table.from_batches([batch]), "record", ROWS_PER_PART, 0):
            write(left_out_part(entry.job_id, number), _zipped(bytes(records)))
            number += 1
    return number


def _parts(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[bytes, bytes]]:
    """The texts of the columns `line` and `record`, ROWS_PER_PART rows at a time."""
    lines, records, held = bytearray(), bytearray(), 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        pairs = zip(
            slices(table, "line", ROWS_PER_PART, held),
            slices(table, "record", ROWS_PER_PART, held),
            strict=True,
        )
        for (count, line), (_, record) in pairs:
            lines += line
            records += record
            held += count
            if held == ROWS_PER_PART:
                yield bytes(lines), bytes(records)
                lines, records, held = bytearray(), bytearray(), 0
    if held:
        yield bytes(lines), bytes(records)


def _texts(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """The texts of the column `line`, many rows at a time."""
    for batch in batches:
        table = pa.Table.from_batches([batch])
        yield b"".join(bytes(text) for _, text in slices(table, "line", max(table.num_rows, 1), 0))


def _zipped(content: bytes) -> bytes:
    """A member of a gzip file, the same bytes whenever the content is the same."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(content) + packer.flush()


PLAN_BEGINNING = _zipped((",".join(COLUMNS) + "\n").encode())
EXCLUDED_BEGINNING = _zipped(b"archive_id,reason,size_bytes,created_at,key,description,row\n")
"""Headers, with which the files begin."""
