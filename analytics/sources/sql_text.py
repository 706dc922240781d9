"""Names and values as SQL text."""

from collections.abc import Iterable
from pathlib import Path


def literal(value: str) -> str:
    """`value` as a text literal."""
    return "'" + value.replace("'", "''") + "'"


def literals(values: Iterable[str]) -> str:
    """Text literals with commas between them."""
    return ", ".join(map(literal, values))


def identifier(name: str) -> str:
    """A column of that name, whatever its characters."""
    return '"' + name.replace('"', '""') + '"'


def path_list(paths: Iterable[Path]) -> str:
    """The list of files that DuckDB's readers take; a path that exists is no pattern to them."""
    return f"[{literals(map(str, paths))}]"
