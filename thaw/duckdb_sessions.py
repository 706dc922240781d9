"""DuckDB sessions whose output is ours alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def quiet(connection: "duckdb.DuckDBPyConnection") -> "duckdb.DuckDBPyConnection":
    """The same connection, without the progress bar that DuckDB draws on standard output for queries of more
    than two seconds, terminal or not. A cursor is a session of its own: quiet it too.
    https://duckdb.org/docs/stable/configuration/overview
    """
    return connection.execute("SET enable_progress_bar = false")
