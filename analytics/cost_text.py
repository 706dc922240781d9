"""The cost of a job as a table for a person, as JSON and as CSV."""

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from analytics.cost import Column, Rounded, Section
from thaw.core.costs import Line

FILE_DIGITS = 6
"""Decimals of USD in JSON and CSV."""

PER_MONTH = "new_storage_per_month"
TOTAL = "total"
NOT_AVAILABLE = "not available"
NO_PRICE = "no price"

_LABELS = {
    Line.RESTORE_REQUESTS: "restore requests",
    Line.BATCH_JOBS: "Batch Operations: jobs",
    Line.BATCH_OBJECTS: "Batch Operations: objects",
    Line.RETRIEVAL: "retrieval",
    Line.TEMPORARY_STORAGE: "temporary storage",
    Line.COPY_REQUESTS: "copy requests",
    Line.TRANSFER: "transfer to the other Region",
    Line.EARLY_DELETION: "early deletion",
    Line.THAW_IMPORT: "Thaw: import",
    Line.THAW_TABLES: "Thaw: tables",
    Line.THAW_EVENTS: "Thaw: queue and function",
    Line.THAW_REPORTS: "Thaw: reports on objects",
}
_CSV_COLUMNS = ("storage_class", "tier", "hours", "line", "usd")


def digits_for(largest: Decimal) -> int:
    """Decimals to show: cents, and more of what costs less than a dollar."""
    return 2 if largest >= 1 else 4


def as_table(sections: Sequence[Section]) -> str:
    """Tiers side by side; a line that is zero in every tier is left out."""
    return "\n\n".join("\n".join(_aligned(_rows(section))) for section in sections)


def as_json(sections: Sequence[Section], facts: dict[str, Any]) -> str:
    """One object: what was priced, by which prices, and the sections. An amount not known is null."""
    return json.dumps({**facts, "sections": [_section_json(one) for one in sections]}, indent=2)


def as_csv(sections: Sequence[Section]) -> str:
    """A row an amount; an amount not known is empty, a tier not available has one row without a line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for section in sections:
        for column in section.columns:
            writer.writerows(_csv_rows(section, column))
    return text.getvalue().rstrip("\n")


def missing(sections: Sequence[Section]) -> list[str]:
    """What has no price, in words."""
    lines = {line for section in sections for column in section.columns for line in column.unknown}
    names = [_LABELS[line] for line in Line if line in lines]
    return names + (["new storage per month"] if any(one.per_month is None for one in sections) else [])


def hours_text(hours: float) -> str:
    """Minutes below an hour."""
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"


def _rows(section: Section) -> list[list[str]]:
    totals = section.totals
    title = f"{section.storage_class}: {totals.objects:,} objects, {totals.size_bytes:,} bytes"
    shown = [line for line in Line if any(_counts(column, line) for column in section.columns)]
    available = [column for column in section.columns if column.hours is not None]
    month = [_usd(section.per_month) if column in available else "" for column in section.columns]
    return [
        [title],
        ["USD", *(column.tier for column in section.columns)],
        ["takes about", *(_time(column) for column in section.columns)],
        *([_LABELS[line], *(_cell(column, line) for column in section.columns)] for line in shown),
        ["total", *(_total(column) for column in section.columns)],
        *([["then each month", *month]] if section.per_month != 0 else []),
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    title, *table = rows
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    lines = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in table
    ]
    return [title[0], *(f"  {line}".rstrip() for line in lines)]


def _counts(column: Column, line: Line) -> bool:
    return column.lines.get(line, 0) != 0


def _time(column: Column) -> str:
    return NOT_AVAILABLE if column.hours is None else hours_text(column.hours)


def _cell(column: Column, line: Line) -> str:
    return "" if column.hours is None else _usd(column.lines[line])


def _total(column: Column) -> str:
    if column.hours is None:
        return ""
    return ("" if column.complete else "at least ") + _usd(column.total)


def _usd(amount: Rounded) -> str:
    return NO_PRICE if amount is None else f"{amount:,f}"


def _section_json(section: Section) -> dict[str, Any]:
    return {
        "storage_class": section.storage_class,
        "objects": section.totals.objects,
        "bytes": section.totals.size_bytes,
        f"{PER_MONTH}_usd": _number(section.per_month),
        "tiers": {column.tier: _column_json(column) for column in section.columns},
    }


def _column_json(column: Column) -> dict[str, Any]:
    if column.hours is None:
        return {"available": False}
    return {
        "available": True,
        "hours": round(column.hours, 4),
        "usd": {line.value: _number(usd) for line, usd in column.lines.items()},
        "total_usd": _number(column.total),
        "complete": column.complete,
    }


def _csv_rows(section: Section, column: Column) -> list[list[str]]:
    start = [section.storage_class, column.tier]
    if column.hours is None:
        return [[*start, "", "", ""]]
    amounts = {**column.lines, TOTAL: column.total, PER_MONTH: section.per_month}
    hours = f"{column.hours:.4g}"
    return [[*start, hours, name, "" if usd is None else f"{usd:f}"] for name, usd in amounts.items()]


def _number(amount: Rounded) -> float | None:
    return None if amount is None else float(amount)
