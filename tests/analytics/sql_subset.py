"""What a report's SQL may hold: what means the same in Athena (Trino) and DuckDB.

Whatever the lists below do not name is refused: nobody has compared it on both.
"""

from collections.abc import Callable, Iterator

from tests.analytics.sql_tree import Node, parse


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS = _names("""
    ( ) , . ASTERISK CONCAT EQ NEQ LT LTE GT GTE PLUS MINUS SLASH EOF
    IDENTIFIER STRING INTEGER_VALUE DOUBLE_VALUE TRUE FALSE NULL
    WITH SELECT DISTINCT AS FROM JOIN LEFT CROSS ON USING WHERE GROUP BY GROUPING SETS HAVING UNION ALL
    VALUES ORDER ASC DESC NULLS FIRST LAST AND OR NOT IN IS BETWEEN LIKE EXISTS CASE WHEN THEN ELSE END CAST
    FILTER OVER WINDOW PARTITION ROWS UNBOUNDED PRECEDING FOLLOWING CURRENT ROW
    INTERVAL DAY HOUR MINUTE SECOND TIMESTAMP
""")
"""Trino's names of words, signs and kinds of literals; a number like 1.5 is a decimal, so not among them."""

CONSTRUCTS = _names("""
    singleStatement query with namedQuery columnAliases queryNoWith querySpecification inlineTable
    setOperation subquery selectSingle selectAll aliasedRelation subqueryRelation joinRelation joinType
    joinCriteria groupBy groupingSet multipleGroupingSets sortItem predicated comparison and or logicalNot
    between inList inSubquery like nullPredicate distinctFrom exists arithmeticBinary arithmeticUnary
    integerLiteral doubleLiteral concatenation parenthesizedExpression rowConstructor searchedCase simpleCase
    whenClause cast genericType typeConstructor interval functionCall filter over windowDefinition
    windowSpecification frameExtent unboundedFrame boundedFrame currentRowBound dereference qualifiedName
""")
"""Trino's names of what the grammar makes of them."""

FUNCTIONS = _names("""
    any_value ceil coalesce count count_if date_diff date_trunc floor if lead max max_by min mod nullif
    power regr_slope replace row_number split_part starts_with strpos substr sum upper
""")

TYPES = _names("varchar bigint double timestamp date decimal(38,0)")

_UNFRAMED = _names("lead row_number")
"""Window functions that look at the rows' order alone, not at a frame."""

_KEEPS_DOUBLES = _names("ceil coalesce floor max min power sum")
"""Functions that give a double when an argument is one."""


def _unknown_words(root: Node) -> Iterator[str]:
    for node in root.all():
        if node.name not in (CONSTRUCTS if node.parts or not node.text else WORDS):
            yield f"line {node.line}: {node.text!r} ({node.name}) was not compared on both engines"


def _unknown_functions(root: Node) -> Iterator[str]:
    for name, call in _calls(root):
        if name not in FUNCTIONS:
            yield f"line {call.line}: {name}() was not compared on both engines, or differs"


def _unknown_types(root: Node) -> Iterator[str]:
    for node in root.all():
        if node.name in ("cast", "typeConstructor") and _type(node) not in TYPES:
            yield f"line {node.line}: type {_type(node)} is none of {', '.join(sorted(TYPES))}"


def _whole_divisions(root: Node) -> Iterator[str]:
    for node in root.all():
        if node.has("SLASH") and not _is_double(node):
            yield f"line {node.line}: {node.text} may divide whole numbers; make one side a double, like 2e0"


def _bare_sums(root: Node) -> Iterator[str]:
    """Trino sums bigint to bigint, DuckDB to hugeint. Sums that are decimals, or go into double arithmetic,
    have one type in both."""
    for node in root.all():
        settled = node.name == "cast" or _called(node) == "coalesce" or _is_double(node)
        for part in () if settled else node.parts:
            call = _sum(part)
            if call and not _is_double(part) and not _is_decimal(call.parts[2]):
                yield f"line {part.line}: {part.text} has another type in each engine; CAST it"


def _rounded_doubles(root: Node) -> Iterator[str]:
    """Trino rounds halves away from zero, DuckDB to even."""
    for node in root.all():
        if node.name == "cast" and _type(node) in ("bigint", "decimal(38,0)"):
            value = node.parts[2]
            if _is_double(value) and _called(value) not in ("floor", "ceil"):
                yield f"line {node.line}: {node.text} rounds halves differently; cast floor(...)"


def _unframed_windows(root: Node) -> Iterator[str]:
    """Without ROWS, rows of equal order share a frame, and engines may add them up in any order."""
    named = {node.parts[0].text: node for node in root.all() if node.name == "windowDefinition"}
    for name, call in _calls(root):
        for over in call.parts:
            if over.name == "over" and name not in _UNFRAMED:
                window = named.get(over.parts[1].text, over)
                words = {node.name for node in window.all()}
                if "ORDER" in words and "ROWS" not in words:
                    yield f"line {over.line}: {name}() is ordered without an explicit frame of ROWS"


def _time_units(root: Node) -> Iterator[str]:
    """Trino counts complete units, DuckDB the boundaries crossed: the same for milliseconds only."""
    for name, call in _calls(root):
        if name == "date_diff" and call.parts[2].text != "'millisecond'":
            yield f"line {call.line}: date_diff in {call.parts[2].text}; take 'millisecond' and divide"


def _bare_rows(root: Node) -> Iterator[str]:
    for node in root.all():
        for row in node.parts[1:] if node.name == "inlineTable" else ():
            if row.name not in ("rowConstructor", "parenthesizedExpression", ","):
                yield f"line {row.line}: VALUES {row.text} without parentheses"


RULES: tuple[Callable[[Node], Iterator[str]], ...] = (
    _unknown_words,
    _unknown_functions,
    _unknown_types,
    _whole_divisions,
    _bare_sums,
    _rounded_doubles,
    _unframed_windows,
    _time_units,
    _bare_rows,
)


def violations(sql: str) -> list[str]:
    """What `sql` holds that may differ between the engines. Raises TrinoSyntaxError."""
    root = parse(sql)
    return [found for rule in RULES for found in rule(root)]


def _called(node: Node) -> str:
    """The function that is called; empty if it is no call."""
    return node.parts[0].text if node.name == "functionCall" else ""


def _calls(root: Node) -> Iterator[tuple[str, Node]]:
    return ((_called(node), node) for node in root.all() if _called(node))


def _sum(node: Node) -> Node | None:
    """The call of sum() that a value is, a default for no rows aside."""
    if _called(node) == "coalesce":
        return next(filter(None, map(_sum, node.parts)), None)
    return node if _called(node) == "sum" else None


def _type(node: Node) -> str:
    """The type that a cast or a typed literal names."""
    return node.parts[-2].text


def _is_double(node: Node) -> bool:
    """Whether a value is a double whatever the types of its columns."""
    match node.name:
        case "DOUBLE_VALUE" | "doubleLiteral":
            return True
        case "cast":
            return _type(node) == "double"
        case "arithmeticBinary" | "arithmeticUnary" | "parenthesizedExpression":
            return any(map(_is_double, node.parts))
        case "functionCall":
            return _called(node) in _KEEPS_DOUBLES and any(map(_is_double, node.parts[1:]))
        case _:
            return False


def _is_decimal(node: Node) -> bool:
    """Whether a value is visibly a decimal(38, 0)."""
    match node.name:
        case "cast":
            return _type(node) == "decimal(38,0)"
        case "arithmeticBinary" | "parenthesizedExpression":
            return any(map(_is_decimal, node.parts))
        case _:
            return False
