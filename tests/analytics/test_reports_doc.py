"""docs/reports.md names every report, column, status, reason and figure of guidance."""

import re
from pathlib import Path

import pytest

from analytics.schema import REPORTS
from thaw.core.archives import VAULT_CLASS
from thaw.core.history import Status
from thaw.core.retrieval import TYPICAL_HOURS

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "reports.md").read_text("utf-8")


def section(name: str) -> str:
    """What stands below the heading of a report."""
    return DOCS.partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", REPORTS)
def test_every_column_is_told_in_the_section_of_its_report_in_order(name: str) -> None:
    rows = [line for line in section(name).splitlines() if line.startswith("| `")]
    told = [column for row in rows for column in re.findall(r"`(\w+)`", row.split("|")[1])]
    columns = [column for column, _ in REPORTS[name].columns]
    assert sorted(set(columns) - set(told)) == []
    if name != "attention":
        assert told == columns


@pytest.mark.parametrize("name", REPORTS)
def test_the_overview_tells_from_what_a_report_is_made(name: str) -> None:
    row = next(line for line in DOCS.splitlines() if line.startswith(f"| `{name}` |"))
    assert "objects" in row.split("|")[3]
    assert ("counters" in row.split("|")[3]) is (len(REPORTS[name].origins) > 1)


def test_reasons_are_those_of_the_sql_in_its_order() -> None:
    sql = (ROOT / "analytics" / "sql" / "reports" / "attention.sql").read_text("utf-8")
    reasons = re.findall(r"(?:WHEN \d THEN|ELSE) '(\w+)'", sql)
    assert re.findall(r"^\| `(\w+_\w+|failed)` \| [a-z]", section("attention"), re.MULTILINE)[:5] == reasons


def test_statuses_are_those_of_the_core() -> None:
    row = next(line for line in section("progress").splitlines() if line.startswith("| `status`"))
    assert re.findall(r"`([A-Z]+)`", row) == list(Status)
    shared = (ROOT / "analytics" / "sql" / "shared" / "statuses.sql").read_text("utf-8")
    assert re.findall(r"'([A-Z]+)'", shared) == list(Status)


def test_the_guidance_is_that_of_the_core() -> None:
    found: dict[tuple[str, str], float] = {}
    for storage_class in ("GLACIER", "DEEP_ARCHIVE", VAULT_CLASS):
        row = next(line for line in DOCS.splitlines() if f"(`{storage_class}`)" in line and line[0] == "|")
        for tier, cell in zip(("Expedited", "Standard", "Bulk"), row.split("|")[2:5], strict=True):
            if cell.strip():
                number, unit = cell.split()
                found[storage_class, tier] = int(number) / (60 if unit == "min" else 1)
    assert found == dict(TYPICAL_HOURS)
