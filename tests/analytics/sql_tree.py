"""Trino's own parse tree of a statement, as plain values."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from antlr4 import CommonTokenStream, InputStream
from trino_query_parser.error import TrinoErrorListener
from trino_query_parser.SqlBaseLexer import SqlBaseLexer
from trino_query_parser.SqlBaseParser import SqlBaseParser

_UNNAMED = "<INVALID>"
_NAMES = cast(list[str], cast(Any, SqlBaseParser).symbolicNames)


class Node(NamedTuple):
    """A part of a statement, never one that only wraps another.

    `name`: the grammar's, such as `arithmeticBinary`, of a keyword `SELECT`, of a sign the sign itself.
    `text`: in small letters, without blanks and comments.
    """

    name: str
    line: int
    text: str
    parts: tuple["Node", ...] = ()

    def all(self) -> "Iterator[Node]":
        """This part and all below it."""
        yield self
        for part in self.parts:
            yield from part.all()

    def has(self, name: str) -> bool:
        """Whether one of its own parts is called `name`."""
        return any(part.name == name for part in self.parts)


def parse(sql: str) -> Node:
    """The tree of one statement. Raises TrinoSyntaxError."""
    characters = cast(Any, InputStream(sql))
    characters.data = [ord(char.upper()) if char.isascii() else ord(char) for char in sql]
    parser = cast(Any, SqlBaseParser(CommonTokenStream(SqlBaseLexer(characters))))
    parser.removeErrorListeners()
    parser.addErrorListener(TrinoErrorListener())
    return _node(parser.singleStatement())


def _node(context: Any) -> Node:
    token = getattr(context, "symbol", None)
    if token is not None:
        text = str(token.text)
        name: str = _NAMES[int(token.type)] if token.type > 0 else "EOF"
        return Node(text if name == _UNNAMED else name, token.line, text.lower())
    parts = tuple(_node(child) for child in context.children or ())
    name = type(context).__name__.removesuffix("Context")
    if name == "NonReserved":
        return parts[0]._replace(name="IDENTIFIER")
    if len(parts) == 1:
        return parts[0]
    line = parts[0].line if parts else 0
    return Node(name[0].lower() + name[1:], line, "".join(part.text for part in parts), parts)
