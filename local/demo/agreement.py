"""Whether reports that were made in different ways say the same."""

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

OF_THE_MOMENT = {"objects_per_hour", "eta"}
"""Columns that tell of when a report was made, which is a little later where counters are read."""

_RELATIVE = 1e-9
"""Engines add doubles up in different orders."""

Rows = list[dict[str, str]]


def read(folder: Path, report: str) -> Rows:
    """The rows of a report's CSV file."""
    with (folder / f"{report}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def differences(report: str, rows: Mapping[str, Rows]) -> Iterator[str]:
    """How the rows of each source differ from those of the first; a sentence for each source that does."""
    (first, expected), *others = rows.items()
    for source, found in others:
        if len(found) != len(expected):
            yield f"{report} has {len(expected):,} rows from {first} and {len(found):,} from {source}"
        elif place := next(_unequal(expected, found), None):
            row, column = place
            values = f"{expected[row][column]!r} from {first} and {found[row].get(column)!r} from {source}"
            yield f"{report}, row {row + 1}: {column} is {values}"


def _unequal(expected: Rows, found: Rows) -> Iterator[tuple[int, str]]:
    for number, (one, other) in enumerate(zip(expected, found, strict=True)):
        for column in one:
            if column not in OF_THE_MOMENT and not _same(one[column], other.get(column, "")):
                yield number, column


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=_RELATIVE)
    except ValueError:
        return False
