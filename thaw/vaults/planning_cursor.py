"""How far the planning of a run has come, between two invocations: a file in the job's folder."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from thaw.core.job_files import import_folder, loaded_folder
from thaw.core.job_states import JobState
from thaw.core.vault_files import plan_file, vault_folder
from thaw.jobs.folder import JobFolder


@dataclass
class PlanningCursor:
    """`pieces` of the destination's keys are listed, up to `last_key`; `former`: the runs whose plans are
    kept aside, since their archives keep their keys."""

    run: int
    pieces: int = 0
    last_key: str = ""
    listed: bool = False
    former: tuple[int, ...] = ()


def former_plan(job_id: str, run: int) -> str:
    """The plan that there was before `run` made a new one."""
    return f"{vault_folder(job_id)}former/{run:05}.csv.gz"


def open_cursor(state: JobState, folder: JobFolder, copy: Callable[[str, str], bool]) -> PlanningCursor:
    """Where this run stands. A new run puts the plan before it aside, and begins without import parts.

    `copy(key, to)` copies a file of any size and says whether there is one.
    """
    kept = folder.find(_key(state.job_id))
    cursor = _read(kept) if kept else PlanningCursor(0)
    if cursor.run == state.run:
        return cursor
    former = cursor.former
    if state.continues and copy(plan_file(state.job_id), former_plan(state.job_id, state.run)):
        former = (state.run, *former)
    folder.empty(import_folder(state.job_id))
    folder.empty(loaded_folder(state.job_id))
    begun = PlanningCursor(state.run, former=former if state.continues else ())
    keep_cursor(state, begun, folder)
    return begun


def keep_cursor(state: JobState, cursor: PlanningCursor, folder: JobFolder) -> None:
    """Stores it."""
    folder.write(_key(state.job_id), json.dumps(asdict(cursor)).encode())


def _read(content: bytes) -> PlanningCursor:
    document: dict[str, Any] = json.loads(content)
    return PlanningCursor(former=tuple(document.pop("former")), **document)


def _key(job_id: str) -> str:
    return f"{vault_folder(job_id)}planning.json"
