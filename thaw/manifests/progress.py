"""How far a preparation is, told to whoever shows it."""

from collections.abc import Callable

Report = Callable[[str, int, int], None]
"""Called as (stage, done, total): "read" with the rows read (total 0: not known yet), then "write" with
the objects written. Called often, always on the caller's thread."""


def no_report(_stage: str, _done: int, _total: int) -> None:
    """Tells nobody."""
