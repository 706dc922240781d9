"""The reports as saved queries of Athena: the very SQL that `thaw report` runs, over the live table."""

from collections.abc import Iterator
from typing import NamedTuple

from analytics.schema import REPORTS, Origin
from analytics.statements import Parameters, Times, statement
from infra.errors import QueryLengthError
from infra.limits import MAX_QUERY_BYTES


class SavedQuery(NamedTuple):
    """A query to be found in the console by its name."""

    name: str
    sql: str


def saved_queries(data_catalog: str, database: str, parameters: Parameters) -> Iterator[SavedQuery]:
    """Every report that can be had from the objects. Raises QueryLengthError.

    A saved query has a database, but no data source (CreateNamedQuery), and its SQL names tables only: so its
    first line says where it is to be run.
    """
    place = f"-- Choose the data source {data_catalog} and the database {database}. It reads every object.\n"
    for name, report in REPORTS.items():
        if Origin.OBJECTS in report.origins:
            sql = place + statement(name, Origin.OBJECTS, parameters, Times.TEXT)
            yield SavedQuery(name, _bounded(name, sql))


def _bounded(name: str, sql: str) -> str:
    length = len(sql.encode())
    if length > MAX_QUERY_BYTES:
        raise QueryLengthError(
            f"The saved query {name} has {length} bytes, but Athena takes {MAX_QUERY_BYTES}; shorten the SQL"
            " of the report in analytics/sql."
        )
    return sql
