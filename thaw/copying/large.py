"""Copies one object that no function has time for: the steps of the state machine `copy-large`.

Each step may be repeated: parts that are there are not copied again, and an object that is there is only
checked and recorded.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from botocore.exceptions import ClientError

from thaw.copying import multipart
from thaw.copying.checking import already_there, is_proven
from thaw.copying.clients import PART_CONCURRENCY
from thaw.copying.errors import NotRecordedError
from thaw.copying.explaining import PARTS_FAILED, failure_of
from thaw.copying.making import SERVICE_ERRORS, Maker, code_of, outcome_of
from thaw.copying.outcomes import Again, Copied, Failed, Outcome
from thaw.copying.preparing import Preparer, Task
from thaw.copying.recording import Recorder
from thaw.copying.tasks import Delivery, Tasks
from thaw.copying.uploads import Upload
from thaw.copying.work import Work
from thaw.core.copy_messages import CopyMessage
from thaw.core.copy_plan import Group, groups
from thaw.core.history import restored_at

_GONE = frozenset({"NoSuchUpload", "PreconditionFailed"})
"""The object may have been completed already, by this execution or by another delivery."""

_NAME = "object"


class Ended(NamedTuple):
    """What became of the object, and why its source is still there if it should not be."""

    outcome: Outcome
    undeleted: Exception | None = None


@dataclass(frozen=True)
class Begun:
    """An upload and the groups of its parts."""

    upload: Upload
    groups: list[Group]


@dataclass(frozen=True)
class LargeCopy:
    """The steps; `seconds_left()` is the function's time."""

    tasks: Tasks
    preparer: Preparer
    recorder: Recorder
    seconds_left: Callable[[], float]

    def begin(self, message: CopyMessage) -> Begun | Ended:
        """Begins the upload, unless there is nothing to copy. Raises what another try may mend."""
        task = self._task(message)
        if not isinstance(task, Task):
            return Ended(task)
        try:
            prepared = self.preparer.prepare(task)
            if isinstance(prepared, Work) and prepared.size_bytes > self.preparer.single_bytes:
                upload = multipart.begin(self.preparer.clients(prepared.place.region), prepared)
                return Begun(upload, list(groups(upload.size_bytes, upload.part_bytes)))
            outcome = self._small(task, prepared) if isinstance(prepared, Work) else prepared
        except SERVICE_ERRORS as exc:
            outcome = outcome_of(exc, self.preparer.now())
            if isinstance(outcome, Again):
                raise
        return self._recorded(task, outcome)

    def parts(self, upload: Upload, group: Group) -> int:
        """Copies the parts of a group that are not there yet; how many these were."""
        client = self.preparer.clients(upload.region)
        missing = multipart.missing_parts(client, upload, group.first, group.last)
        with ThreadPoolExecutor(PART_CONCURRENCY) as pool:
            multipart.copy_parts(client, upload, missing, pool, self.seconds_left)
        return len(missing)

    def complete(self, message: CopyMessage, upload: Upload) -> Ended:
        """Makes the object, checks it and records it. Raises what another try may mend."""
        task = self._task(message)
        client = self.preparer.clients(upload.region)
        if not isinstance(task, Task):
            multipart.abort(client, upload)
            return Ended(task)
        try:
            copied = self._completed(task, upload)
        except SERVICE_ERRORS as exc:
            outcome = outcome_of(exc, self.preparer.now())
            if isinstance(outcome, Again):
                raise
            multipart.abort(client, upload)
            return self._recorded(task, outcome)
        return self._recorded(task, copied)

    def _completed(self, task: Task, upload: Upload) -> Copied:
        client = self.preparer.clients(upload.region)
        examined = self.preparer.examine(task)
        if isinstance(examined, Copied):
            multipart.abort(client, upload)
            return examined
        work = self.preparer.with_extras(examined)
        proven = True
        try:
            multipart.complete(client, upload, work)
        except ClientError as exc:
            since = restored_at(task.record.history)
            there = already_there(client, work, since) if code_of(exc) in _GONE else None
            if there is None:
                raise
            proven = is_proven(work, there)
        multipart.put_tags(client, work)
        return Copied(self.preparer.now(), work, proven=proven)

    def abort(self, message: CopyMessage, upload: Upload | None, error: Mapping[str, str]) -> Ended:
        """Ends the upload and records the failure, unless the copy is there after all. `error`: as Step
        Functions tells it, `Error` and `Cause`."""
        outcome = self._failure(error, upload)
        if upload is not None:
            multipart.abort(self.preparer.clients(upload.region), upload)
        task = self._task(message)
        if not isinstance(task, Task):
            return Ended(task)
        if isinstance(outcome, Failed):
            outcome = self._there(task) or outcome
        return self._recorded(task, outcome)

    def _task(self, message: CopyMessage) -> Task | Outcome:
        """As of a message that was delivered before, so that the destination is looked at."""
        asked = self.tasks.of([Delivery(_NAME, message.to_json(), 2)])
        found = asked.tasks.get(_NAME) or asked.settled[_NAME]
        if isinstance(found, Again):
            raise NotRecordedError(f"{found.error_code}: {found.error_message}")
        return found

    def _small(self, task: Task, work: Work) -> Outcome:
        with ThreadPoolExecutor(1) as pool:
            maker = Maker(self.preparer.clients, pool, self.preparer.now, self.seconds_left)
            return maker.at_once(work, restored_at(task.record.history))

    def _there(self, task: Task) -> Copied | None:
        try:
            examined = self.preparer.examine(task)
        except SERVICE_ERRORS:
            return None
        return examined if isinstance(examined, Copied) else None

    def _failure(self, error: Mapping[str, str], upload: Upload | None) -> Outcome:
        tells_nothing = upload is not None and error.get("Error") == PARTS_FAILED
        why = self._why(upload) if upload is not None and tells_nothing else None
        return failure_of(error, why, self.preparer.now())

    def _why(self, upload: Upload) -> Exception | None:
        """Step Functions does not tell why parts failed: one that is missing is asked for once more."""
        client = self.preparer.clients(upload.region)
        try:
            missing = multipart.first_missing(client, upload)
            with ThreadPoolExecutor(1) as pool:
                multipart.copy_parts(client, upload, missing, pool, self.seconds_left)
        except SERVICE_ERRORS as exc:
            return exc
        return None

    def _recorded(self, task: Task, outcome: Outcome) -> Ended:
        recorded, deletions = self.recorder.record({_NAME: task}, {_NAME: outcome})
        found = recorded[_NAME]
        if isinstance(found, Again):
            raise NotRecordedError(f"{found.error_code}: {found.error_message}")
        return Ended(found, deletions.get(_NAME))
