"""Which kept rows name an object version that an earlier row has named.

Comparing every key with every other would need them all in memory. So 64-bit hashes are compared first,
and then the few rows whose hash is not alone are compared in full: no object is lost to a collision.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from thaw.manifests.arrow import rows_at
from thaw.manifests.engine import Engine
from thaw.manifests.staging import Staging

_SUSPECTS_SQL = """
    CREATE TABLE suspects AS
    SELECT hashes.rowid AS ordinal FROM hashes
    JOIN (SELECT identity FROM hashes GROUP BY identity HAVING count(*) > 1) USING (identity)
    ORDER BY ordinal"""

_DUPLICATES_SQL = """
    CREATE TABLE duplicates AS
    SELECT ordinal FROM (
        SELECT ordinal, row_number() OVER (PARTITION BY bucket, key, version_id ORDER BY ordinal) AS nth
        FROM suspect_rows)
    WHERE nth > 1 ORDER BY ordinal"""


class Duplicates:
    """Finds duplicates by the ordinals of rows: their positions in the staging file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.count = 0
        engine.execute("CREATE TABLE hashes (identity UBIGINT)")

    def note(self, identities: pa.Table) -> None:
        """The column `identity` of the rows staged next."""
        self._engine.execute("INSERT INTO hashes SELECT identity FROM batch", identities)

    def find(self, staging: Staging) -> None:
        """Decide, once all rows are staged; of equal rows the first stays."""
        self._engine.execute(_SUSPECTS_SQL)
        self._engine.execute("DROP TABLE hashes")
        self._engine.execute(
            "CREATE TABLE suspect_rows (ordinal BIGINT, bucket VARCHAR, key VARCHAR, version_id VARCHAR)"
        )
        if self._count("suspects"):
            for table in self._suspect_rows(staging):
                self._engine.execute("INSERT INTO suspect_rows SELECT * FROM batch", table)
        self._engine.execute(_DUPLICATES_SQL)
        self._engine.execute("DROP TABLE suspects; DROP TABLE suspect_rows")
        self.count = self._count("duplicates")

    def without(self, first: int, table: pa.Table) -> pa.Table:
        """`table`, whose first row has the ordinal `first`, without its duplicates."""
        if not self.count:
            return table
        keep = np.ones(table.num_rows, bool)
        keep[self._positions("duplicates", first, table.num_rows)] = False
        return table.filter(pa.array(keep))

    def _suspect_rows(self, staging: Staging) -> Iterator[pa.Table]:
        for first, table in staging.tables():
            positions = self._positions("suspects", first, table.num_rows)
            rows = rows_at(table.select(["bucket", "key", "version_id"]), positions)
            yield rows.add_column(0, "ordinal", pa.array(positions + first))

    def _positions(self, name: str, first: int, rows: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        found = self._engine.query(
            f"SELECT ordinal - {first} AS position FROM {name}"  # noqa: S608 - our own table names
            f" WHERE ordinal BETWEEN {first} AND {first + rows - 1} ORDER BY position"
        )
        return found["position"].to_numpy()

    def _count(self, name: str) -> int:
        return self._engine.query(f"SELECT count(*) AS n FROM {name}")["n"][0].as_py()  # noqa: S608 - as above
