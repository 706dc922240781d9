"""Nothing but our own output goes to standard output."""

import duckdb

from tests.test_imports import MODULES
from thaw.duckdb_sessions import quiet


def test_a_quiet_session_draws_no_progress_bar() -> None:
    with duckdb.connect() as connection:
        quiet(connection)
        shown = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    assert shown == [(False,)]


def test_whoever_connects_is_quiet() -> None:
    connecting = [(name, path.read_text()) for name, path in MODULES if not name.startswith("local.")]
    loud = [name for name, text in connecting if "duckdb.connect(" in text and "quiet(" not in text]
    assert loud == [], "a progress bar would stand in the middle of a report"
