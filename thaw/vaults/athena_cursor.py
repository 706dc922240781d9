"""How far the planning of a run by Athena has come, between two invocations: a file in the job's folder."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from thaw.core.vault_files import vault_folder
from thaw.core.vault_plans import PlanFigures
from thaw.jobs.folder import JobFolder

NOTHING = PlanFigures(rows_in=0, archives=0, size_bytes=0, largest_bytes=0)


@dataclass
class AthenaCursor:
    """`finished` steps, the Athena `queries` by the step that they do, `pieces` written by relation.

    Of the inventory `read_bytes` (unpacked) are read, with `lines` that are rows; `names` are given.
    `written` buckets of the plan add up to `figures`; `named` of their archives had a name given, `sample`
    are some.
    """

    run: int
    finished: list[str] = field(default_factory=list[str])
    queries: dict[str, str] = field(default_factory=dict[str, str])
    pieces: dict[str, int] = field(default_factory=dict[str, int])
    read_bytes: int = 0
    lines: int = 0
    names: int = 0
    written: list[str] = field(default_factory=list[str])
    figures: PlanFigures = NOTHING
    named: int = 0
    sample: list[list[str]] = field(default_factory=list[list[str]])


def athena_folder(job_id: str) -> str:
    """While Athena makes a plan: what it is made of, and what comes of it."""
    return f"{vault_folder(job_id)}athena/"


def relation_folder(job_id: str, run: int, relation: str) -> str:
    """The files of one relation of the planning SQL; each run has its own, where Athena finds nothing."""
    return f"{athena_folder(job_id)}{run:05}/{relation}/"


def find_cursor(job_id: str, folder: JobFolder) -> AthenaCursor | None:
    """What the last call left, of whichever run."""
    kept = folder.find(_key(job_id))
    if kept is None:
        return None
    document: dict[str, Any] = json.loads(kept)
    return AthenaCursor(figures=PlanFigures(**document.pop("figures")), **document)


def keep_cursor(job_id: str, cursor: AthenaCursor, folder: JobFolder) -> None:
    """Stores it."""
    folder.write(_key(job_id), json.dumps(asdict(cursor)).encode())


def _key(job_id: str) -> str:
    return f"{athena_folder(job_id)}planning.json"
