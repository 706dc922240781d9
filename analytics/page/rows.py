"""Reports as plain rows, by job: what the page is made of, whatever was missing in the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

import pandas as pd

Row = Mapping[str, Any]
"""One row of a report; None where nothing is known. Whole numbers are int, times are datetime in UTC."""

_FLEET = ("account_id", "region")


@dataclass(frozen=True)
class JobRows:
    """The rows of one job by report. A report that nobody ran is absent; one without rows is empty."""

    name: str
    place: str
    reports: Mapping[str, Sequence[Row]]

    def get(self, report: str) -> Sequence[Row] | None:
        return self.reports.get(report)


def table_rows(frame: pd.DataFrame) -> list[Row]:
    """The rows of `frame`; null, NaN, NaT and infinity are None."""
    names = [str(name) for name in frame.columns]
    values = [[_plain(value) for value in frame.iloc[:, index].tolist()] for index in range(len(names))]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*values, strict=True)]


def by_job(reports: Mapping[str, Sequence[Row]], only: str | None) -> list[JobRows]:
    """A JobRows for each job of any report (of each account and Region, in a fleet), in the order in which
    they first appear. `only` is listed even if no report has a row of it."""
    groups: dict[tuple[str, str], dict[str, list[Row]]] = {}
    if only is not None and not any(row["job_id"] == only for rows in reports.values() for row in rows):
        groups[(only, "")] = {}
    for report, rows in reports.items():
        for row in rows:
            name = str(row["job_id"]), " ".join(str(row[part]) for part in _FLEET if row.get(part))
            groups.setdefault(name, {}).setdefault(report, []).append(row)
    return [
        JobRows(name, place, {report: found.get(report, []) for report in reports})
        for (name, place), found in groups.items()
    ]


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if isfinite(value) else None
    return None if pd.isna(cast("Any", value)) else value
