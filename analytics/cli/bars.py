"""Progress bars on a terminal, silence elsewhere."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())


@contextmanager
def counting_bar(what: str) -> Generator[Callable[[int], None]]:
    """Gives a function that is told how many more things are done; nobody knows how many there are."""
    with _bars() as bars:
        task = bars.add_task(what, total=None)
        yield lambda count: bars.advance(task, count)


@contextmanager
def stage_bars() -> Generator[Callable[[str, int, int], None]]:
    """Gives a function that is told a stage, how much of it is done and the total (0: not known yet)."""
    with _bars() as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"{stage} rows", total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield report
