"""HTML and SVG as nested function calls: whatever is not markup already is escaped, once, here."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

Child: TypeAlias = "str | int | Iterable[Child] | None"
Attribute = str | float | bool | None


class Markup(str):
    """Text that is HTML already and goes into a page as it is."""

    __slots__ = ()


def tag(name: str, *children: Child, **attributes: Attribute) -> Markup:
    """An element. `class_` is `class`, `text_anchor` is `text-anchor`; None and False leave one out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Child) -> Markup:
    """The children one after the other; text among them is escaped."""
    if children is None:
        return Markup("")
    if isinstance(children, Markup):
        return children
    if isinstance(children, str | int):
        return Markup(escape(str(children)))
    return Markup("".join(join(child) for child in children))


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
