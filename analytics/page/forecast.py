"""When it will be finished, as far as the last hours tell."""

from collections.abc import Sequence

from analytics.page import words
from analytics.page.markup import Child, Markup, tag
from analytics.page.rows import Row
from analytics.page.table import Line, table

_NOTE = (
    "The rate is that of the last six full hours, and the end is what is left at that rate. By durations: the"
    " last requests plus the 99th percentile measured so far. Failed and expired objects are not counted as"
    " left: they move only when somebody acts."
)


def forecast_table(rows: Sequence[Row]) -> Markup:
    """A row for each phase; where there is no end to tell, why."""
    heads = ("Phase", "Done", "Left", "Objects an hour", "End at this rate (UTC)", "End by durations (UTC)")
    return Markup(table("Forecast", heads, map(_line, rows)) + tag("p", _NOTE, class_="note"))


def _line(row: Row) -> Line:
    cells: tuple[Child, ...] = (
        row["phase"],
        words.whole(row["done_objects"]),
        words.whole(row["left_objects"]),
        words.number(row["objects_per_hour"]),
        _end(row),
        words.moment(row["expected_from_durations"]),
    )
    return Line(cells)


def _end(row: Row) -> str:
    if row["eta"] is not None:
        return words.moment(row["eta"])
    if row["left_objects"] == 0:
        return "nothing left"
    return words.NONE if row["objects_per_hour"] else "nothing moved lately"
