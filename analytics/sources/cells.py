"""How one column of a file of object records is read as the type it must have.

A file's value becomes a typed value, or breaks the rule of its type: DuckDB tells both in one pass.
"""

from typing import NamedTuple

from analytics.schema import Kind
from analytics.sources.sql_text import identifier

_WHOLE_TYPES = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_NUMBER_TYPES = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT", "FLOAT", "DOUBLE"})
_NANOSECONDS = "TIMESTAMPTZ_NS"
"""What pandas writes for times with a zone. DuckDB 2.0 casts it to another type with a zone only."""

_TIME_TYPES = frozenset(
    {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
)

WANTED = {
    Kind.TEXT: "it must be text",
    Kind.WHOLE: "it must be a whole number",
    Kind.TIME: "it must be a time like 2026-11-21T03:04:05.678Z",
}


class Cell(NamedTuple):
    """SQL over a row as the file has it: the typed `value`, null where there is none; whether the row has
    something else instead (`broken`, "" for never); what it has, as text (`shown`); and the type of the whole
    column if that is wrong."""

    value: str
    broken: str
    shown: str
    wrong_type: str = ""


def absent(kind: Kind) -> Cell:
    """A column that a file need not have."""
    return Cell(f"CAST(NULL AS {kind})", "", "NULL")


def parquet_cell(name: str, kind: Kind, found: str) -> Cell:
    """A column of the DuckDB type `found`. Times without zone are UTC."""
    column = identifier(name)
    shown = f"CAST({column} AS VARCHAR)"
    if kind is Kind.WHOLE and found in _WHOLE_TYPES:
        return Cell(f"CAST({column} AS BIGINT)", "", shown)
    if kind is Kind.WHOLE and (found in _NUMBER_TYPES or found.startswith("DECIMAL")):
        whole = f"TRY_CAST({column} AS BIGINT)"
        return Cell(whole, f"{column} IS NOT NULL AND ({whole} IS NULL OR {whole} <> {column})", shown)
    if kind is Kind.TIME and found == _NANOSECONDS:
        column, found = f"CAST({column} AS TIMESTAMPTZ)", "TIMESTAMP WITH TIME ZONE"
    if kind is Kind.TIME and found in _TIME_TYPES:
        time = f"CAST({column} AS TIMESTAMP)"
        return Cell(time, f"NOT isfinite({time})", shown)
    if kind is not Kind.WHOLE and found == "VARCHAR":
        return text_cell(column, kind)
    return Cell(f"CAST(NULL AS {kind})", f"{column} IS NOT NULL", shown, found)


def text_cell(text: str, kind: Kind) -> Cell:
    """A value that is written as `text` (SQL); empty is as good as none."""
    value = f"nullif({text}, '')"
    if kind is Kind.WHOLE:
        whole = f"TRY_CAST({value} AS BIGINT)"
        malformed = rf"{whole} IS NULL OR NOT regexp_full_match({text}, '-?[0-9]+(\.0*)?')"
        return Cell(whole, f"{value} IS NOT NULL AND ({malformed})", text)
    if kind is Kind.TIME:
        time = f"CAST(TRY_CAST({value} AS TIMESTAMPTZ) AS TIMESTAMP)"
        shape = f"{text} LIKE '____-__-__T__:__%' OR {text} LIKE '____-__-__ __:__%'"
        return Cell(time, f"{value} IS NOT NULL AND ({time} IS NULL OR NOT ({shape}))", text)
    return Cell(value, "", text)


def json_cell(name: str, kind: Kind) -> Cell:
    """A value of plain JSON: text, a number, a time as text, or null."""
    column = identifier(name)
    types = "'UBIGINT', 'BIGINT', 'DOUBLE'" if kind is Kind.WHOLE else "'VARCHAR'"
    cell = text_cell(f"({column} ->> '$')", kind)
    return _either(cell, f"json_type({column}) NOT IN ({types})", column)


def dynamodb_cell(name: str, kind: Kind) -> Cell:
    """An attribute in DynamoDB JSON, `{"S": "text"}` or `{"N": "1"}`; absent or `{"NULL": true}`: null."""
    attribute = f"Item.{identifier(name)}"
    text = f"({attribute} ->> '$.{'N' if kind is Kind.WHOLE else 'S'}')"
    untold = f"coalesce({attribute} ->> '$.NULL', 'false') <> 'true'"
    return _either(
        text_cell(text, kind), f"{attribute} IS NOT NULL AND {text} IS NULL AND {untold}", attribute
    )


def _either(cell: Cell, wrong_type: str, shown: str) -> Cell:
    """A value that may have a `wrong_type` (SQL), and is then shown as JSON."""
    broken = f"({wrong_type}) OR ({cell.broken})" if cell.broken else wrong_type
    return Cell(
        cell.value, broken, f"CASE WHEN {wrong_type} THEN CAST({shown} AS VARCHAR) ELSE {cell.shown} END"
    )
