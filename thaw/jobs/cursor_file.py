"""The cursor of a preparation between two invocations: a file in the job's folder, which it keeps tidy."""

from thaw.core.job_files import folder as folder_of
from thaw.core.job_files import import_folder, prepared_folder
from thaw.core.job_states import JobState
from thaw.jobs.cursor import Cursor, Phase
from thaw.jobs.folder import JobFolder
from thaw.jobs.parts import import_part


def open_cursor(state: JobState, folder: JobFolder) -> Cursor:
    """Where this run of the job stands; a new run begins with an empty folder."""
    kept = folder.find(_key(state.job_id))
    cursor = Cursor.from_json(kept) if kept else None
    if cursor and cursor.run == state.run:
        return cursor
    folder.empty(folder_of(state.job_id))
    return Cursor(state.run, Phase.LIST if state.request.selection else Phase.READ)


def keep_cursor(state: JobState, cursor: Cursor, folder: JobFolder) -> None:
    """Stores it. Once it is done, what the job goes on with is left: of a dry run, summary and rejects."""
    folder.write(_key(state.job_id), cursor.to_json().encode())
    if not cursor.done:
        return
    folder.empty(prepared_folder(state.job_id))
    kept = 0 if state.request.dry_run else cursor.parts
    folder.empty(import_folder(state.job_id), import_part(state.job_id, kept))


def _key(job_id: str) -> str:
    return f"{folder_of(job_id)}preparing.json"
