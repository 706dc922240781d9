"""A report as files: CSV for people and scripts, Parquet for Athena."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from analytics.formats import csv_text, write_parquet
from analytics.report_layout import RUN_COLUMNS, Form, Home
from analytics.reports import DTYPES


def files_of(frame: pd.DataFrame, home: Home, as_of: datetime) -> Mapping[Form, bytes]:
    """A typed report in both forms; Parquet has the RUN_COLUMNS besides, `as_of` (aware) cut to the ms."""
    values = (home.account, home.region, as_of)
    of_the_run = {
        column.name: pd.Series([value] * len(frame), dtype=DTYPES[column.kind], index=frame.index)
        for column, value in zip(RUN_COLUMNS, values, strict=True)
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.parquet"
        write_parquet(frame.assign(**of_the_run), path)
        return {Form.CSV: csv_text(frame).encode(), Form.PARQUET: path.read_bytes()}
