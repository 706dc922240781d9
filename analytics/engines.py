"""What runs a statement and answers with a table: DuckDB, or Athena through PyAthena."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import duckdb


class Engine(Protocol):
    """Runs SQL. Whole numbers stay exact: with a missing one among them, the dtype is nullable or object."""

    def query(self, sql: str) -> pd.DataFrame: ...


@dataclass(frozen=True)
class DuckDbEngine:
    """A DuckDB connection that holds the tables."""

    connection: "duckdb.DuckDBPyConnection"

    def query(self, sql: str) -> pd.DataFrame:
        # Not df(): it turns whole numbers with a missing one among them into doubles.
        columns: dict[str, Any] = self.connection.execute(sql).fetchnumpy()
        return pd.DataFrame({name: _nullable(values) for name, values in columns.items()})


def _nullable(values: Any) -> Any:
    """A masked array of numpy as pandas holds missing values."""
    if not np.ma.isMaskedArray(values):
        return values
    mask = np.ma.getmaskarray(values)
    if values.dtype.kind == "i":
        return pd.arrays.IntegerArray(values.data.astype("int64"), mask)
    if values.dtype.kind == "f":
        return pd.arrays.FloatingArray(values.data, mask)
    data = values.data.copy()
    data[mask] = np.datetime64("NaT") if values.dtype.kind == "M" else None
    return data


@dataclass(frozen=True)
class AthenaEngine:
    """A PyAthena connection, whose plain cursor fetches all rows."""

    connection: Any

    def query(self, sql: str) -> pd.DataFrame:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=names, dtype="object")
