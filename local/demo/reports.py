"""What the demo leaves behind: the job's tables as CSV files."""

import csv
from pathlib import Path

from analytics.rollup_tables import RollupTable


def write_csv(tables: list[RollupTable], out: Path) -> list[Path]:
    """Writes each table that has rows to `out`/NAME.csv and returns the files."""
    out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for table in tables:
        if table.rows:
            file = out / f"{table.name}.csv"
            with file.open("w", newline="", encoding="utf-8") as stream:
                rows = csv.DictWriter(stream, list(table.rows[0]), lineterminator="\n")
                rows.writeheader()
                rows.writerows(table.rows)
            files.append(file)
    return files
