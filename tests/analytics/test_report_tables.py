"""Reports on a terminal: nothing is lost where it is narrow, and numbers can be read."""

import re
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from analytics.cli.report_tables import LISTED, report_table
from analytics.reports import DTYPES
from analytics.schema import REPORTS, Kind

AT = datetime(2026, 11, 21, 3, 4, 5, 678000, UTC)
PLAIN: dict[Kind, Any] = {Kind.TEXT: "text", Kind.WHOLE: 50 * 2**40, Kind.NUMBER: 12345.678, Kind.TIME: AT,
                          Kind.DAY: pd.Timestamp("2026-11-21")}  # fmt: skip


def frame(report: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of a report, with a value in every column that a row does not name."""
    full = [{name: row.get(name, PLAIN[kind]) for name, kind in REPORTS[report].columns} for row in rows]
    columns = REPORTS[report].columns
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in full], dtype=DTYPES[kind]) for name, kind in columns}
    )


def shown(report: str, table: pd.DataFrame, width: int = 300) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(report_table(report, table, width))
    return console.export_text()


def digits(text: str) -> int:
    return sum(map(str.isdigit, text))


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("width", [80, 120, 300])
def test_every_column_is_shown_and_no_number_is_cut(report: str, width: int) -> None:
    text = shown(report, frame(report, {}, {}), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    for name, kind in REPORTS[report].columns:
        words = name.split("_") if name not in text else [name]
        assert all(word in text for word in words), name
        assert kind is not Kind.WHOLE or "54,975,581,388,800" in text


def test_what_all_rows_share_stands_above() -> None:
    text = shown("restore_duration", frame("restore_duration", {"tier": "Bulk"}, {"tier": "Standard"}))
    assert text.startswith("restore_duration: job_id text, storage_class text\n")
    assert "tier" in text
    same = shown("restore_duration", frame("restore_duration", {}, {}))
    assert same.startswith("restore_duration: job_id text, storage_class text, tier text\n")
    unknown = shown("restore_duration", frame("restore_duration", {"tier": "Bulk"}, {"tier": None}))
    assert unknown.startswith("restore_duration: job_id text, storage_class text\n"), "one has no tier"


def test_of_a_fleet_the_deployment_and_of_objects_their_bucket_and_version_stand_above_too() -> None:
    objects = frame("attention", {"key": "a"}, {"key": "b"})
    objects.insert(0, "account_id", pd.Series(["1", "1"], dtype="string"))
    objects.insert(1, "region", pd.Series(["eu", "eu"], dtype="string"))
    title = "attention: account_id 1, region eu, job_id text, bucket text, version_id text\n"
    assert shown("attention", objects).startswith(title)


def test_columns_keep_their_order_where_they_fit() -> None:
    text = shown("attention", frame("attention", {}))
    assert text.index(" reason ") < text.index(" status "), "what names a row comes first only in parts"


def test_a_wide_report_comes_in_parts_that_all_name_the_row() -> None:
    text = shown("progress_hourly", frame("progress_hourly", {}, {}), 80)
    assert text.count("hour ") > 1
    assert text.count("2026-11-21 03:04:05") == 2 * text.count("hour ")


@pytest.mark.parametrize("report", REPORTS)
def test_parts_are_made_only_when_the_whole_does_not_fit(report: str) -> None:
    table = frame(report, {}, {})
    whole = max(map(len, shown(report, table).splitlines()[1:]))
    assert shown(report, table, whole).count("┏") == 1
    parts = 1 if report == "restore_duration_histogram" else 2
    assert shown(report, table, whole - 1).count("┏") == parts, "all of a histogram's row names it"


@pytest.mark.parametrize("width", range(20, 45))
def test_a_number_that_does_not_fit_is_folded_never_cut(width: int) -> None:
    table = frame("restore_duration_histogram", {"tier": "a"}, {"tier": "b"})
    assert digits(shown("restore_duration_histogram", table, width)) == digits(
        shown("restore_duration_histogram", table)
    )


@pytest.mark.parametrize(
    ("report", "name"),
    [("attention", "key"), ("attention", "status"), ("temporary_storage", "day"), ("forecast", "phase")],
)
def test_every_part_names_its_rows(report: str, name: str) -> None:
    text = shown(report, frame(report, {}, {}), 40)
    assert text.count("┏") > 1
    assert len(re.findall(rf" {name} +┃", text)) == text.count("┏")


def test_percent_is_cut_not_rounded() -> None:
    text = shown("progress", frame("progress", {"percent_objects": 99.9999, "percent_bytes": 100.0}))
    assert "99.99 │" in text
    assert "100.00 │" in text


@pytest.mark.parametrize(
    ("cost", "expected"),
    [(0.0, "0"), (0.0000123, "0.000012"), (12.345, "12.35"), (1234567.891, "1,234,567.89")],
)
def test_costs_have_the_digits_that_matter(cost: float, expected: str) -> None:
    assert f" {expected} │" in shown("temporary_storage", frame("temporary_storage", {"cost_usd": cost}))


def test_a_list_of_objects_is_short_and_says_how_long_it_is() -> None:
    rows: list[dict[str, Any]] = [{"key": f"key-{number}-"} for number in range(1234)]
    text = shown("attention", frame("attention", *rows))
    assert f"key-{LISTED - 1}-" in text
    assert f"key-{LISTED}-" not in text
    assert "... and 1,134 more rows: --format csv has them all." in text


def test_what_is_no_list_of_objects_is_shown_whole() -> None:
    rows: list[dict[str, Any]] = [{"bytes": number} for number in range(2 * LISTED)]
    text = shown("progress", frame("progress", *rows))
    assert f" {2 * LISTED - 1} │" in text
    assert "more rows" not in text


def test_a_report_without_rows_says_so() -> None:
    assert shown("forecast", frame("forecast")) == "forecast\n  no rows\n\n"


def test_a_key_cannot_command_the_terminal() -> None:
    text = shown("attention", frame("attention", {"key": "a\x1b[2Jb\nc[bold]d"}, {}))
    assert "a\\x1b[2Jb\\nc[bold]d" in text
