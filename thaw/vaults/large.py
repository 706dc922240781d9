"""Transfers one archive that no function has time for: the steps of the state machine `transfer-large`.

Each step may be repeated: parts that are written down are not sent again, and an object that is there is only
checked and recorded.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from thaw.copying.errors import NotRecordedError
from thaw.copying.explaining import PARTS_FAILED, failure_of
from thaw.copying.making import SERVICE_ERRORS
from thaw.copying.outcomes import Again, Failed, Left
from thaw.core.archive_parts import Group, Part, groups, parts
from thaw.core.archives import Pointer
from thaw.core.vault_watching import given_up
from thaw.store.vault_uploads import OpenUpload
from thaw.vaults.archives import Archives
from thaw.vaults.errors import (
    ArchiveRefusedError,
    OutputGoneError,
    PlanError,
    TransferStoppedError,
    UploadGoneError,
)
from thaw.vaults.existing import Found
from thaw.vaults.judging import Judge, outcome_of
from thaw.vaults.outcomes import Outcome
from thaw.vaults.parts import Parts, concurrency
from thaw.vaults.recording import Recorder
from thaw.vaults.refusals import is_of_the_place
from thaw.vaults.tasks import Place, Tasks

_NAME = "archive"


@dataclass(frozen=True)
class Begun:
    """An upload, and the groups of its parts."""

    upload_id: str
    groups: list[Group]


@dataclass(frozen=True)
class LargeTransfer:
    """The steps; `seconds_left()` is the function's time."""

    tasks: Tasks
    judge: Judge
    archives: Archives
    recorder: Recorder
    seconds_left: Callable[[], float]

    def begin(self, pointer: Pointer) -> Begun | Outcome:
        """Opens the upload, unless there is nothing to transfer. Raises what another try may mend."""
        place = self._place(pointer)
        if not isinstance(place, Place):
            return place
        upload = self._row(place)
        if upload is None:
            return Left("the upload of the archive was ended")
        try:
            shipment = self.archives.shipment(place)
            opened = self.archives.open(shipment, upload.retrieval_job_id)
        except ArchiveRefusedError as exc:
            return self._recorded(place, outcome_of(exc, place, self.archives.now()))
        if isinstance(opened, Found):
            return self._recorded(place, self.archives.found(shipment, opened))
        return Begun(opened.upload_id, list(groups(place.archive.size_bytes, opened.part_bytes)))

    def parts(self, pointer: Pointer, upload_id: str, group: Group) -> int:
        """Transfers the parts of a group that were not sent yet; how many these were.

        Raises TransferStoppedError, UploadGoneError where it is not this upload any more, OutputGoneError,
        NoTimeLeftError, and what another try may mend.
        """
        place = self._place(pointer)
        if not isinstance(place, Place):
            raise TransferStoppedError(f"{pointer.text} is not transferred any more: {place.reason}.")
        upload = self._upload(place, upload_id)
        return self._transfer(place, upload, list(parts(place.archive.size_bytes, upload.part_bytes, group)))

    def complete(self, pointer: Pointer, upload_id: str) -> Outcome:
        """Makes the object, checks it and records it. Raises what another try may mend."""
        place = self._place(pointer)
        if not isinstance(place, Place):
            return place
        upload = self._upload(place, upload_id)
        try:
            outcome = self.archives.complete(self.archives.shipment(place), upload)
        except ArchiveRefusedError as exc:
            return self._recorded(place, outcome_of(exc, place, self.archives.now()))
        return self._recorded(place, outcome)

    def abort(self, pointer: Pointer, error: Mapping[str, str]) -> Outcome:
        """Has the archive asked for again if that helps, or records why it failed. `error`: as Step Functions
        tells it, `Error` and `Cause`. The upload stays, for whoever resumes or closes the transfer."""
        place = self._place(pointer)
        if not isinstance(place, Place):
            return place
        upload = self._row(place)
        why = self._why(place, upload) if upload and error.get("Error") == PARTS_FAILED else None
        return self._recorded(place, self._failure(place, upload, error, why))

    def _failure(
        self, place: Place, upload: OpenUpload | None, error: Mapping[str, str], why: Exception | None
    ) -> Outcome:
        now, name = self.archives.now(), type(why).__name__ if why else error.get("Error", "")
        retrieval, upload_id = (upload.retrieval_job_id, upload.upload_id) if upload else ("", "")
        if name == OutputGoneError.__name__:
            completed_at = place.record.history.restore_completed_at
            return self.judge.lapsed(place, retrieval, completed_at, now)
        failure = failure_of(error, why, now)
        if not isinstance(failure, Failed):
            return Left("the archive is requested again")
        if name == ArchiveRefusedError.__name__:
            return failure
        return self._again(place, f"{retrieval} {upload_id}", failure)

    def _again(self, place: Place, cause: str, failure: Failed) -> Outcome:
        """Whatever passes is mended by another execution: asking for an archive that is staged costs
        nothing, and its parts are kept. What the destination refuses to all is no failure of this one."""
        told, now = f"{failure.error_code}: {failure.error_message}", failure.at
        counts = True
        if is_of_the_place(failure.error_code):
            self.recorder.refused([place], told)
            counts = not self.recorder.waits(place, now)
        return self.judge.again(place, cause, told, now, code=failure.error_code, counts=counts)

    def _why(self, place: Place, upload: OpenUpload) -> Exception | None:
        """Step Functions does not tell why parts failed: one that is missing is asked for once more."""
        every = list(parts(place.archive.size_bytes, upload.part_bytes))
        done = self.archives.uploads.rows.parts(upload)
        missing = list(islice((part for part in every if part.number not in done), 1))
        try:
            self._transfer(place, upload, missing)
        except SERVICE_ERRORS as exc:
            return exc
        return None

    def _transfer(self, place: Place, upload: OpenUpload, chosen: list[Part]) -> int:
        output = self.archives.output(place, upload.retrieval_job_id)
        with ThreadPoolExecutor(concurrency(upload.part_bytes)) as pool:
            through = Parts(self.archives.uploads, pool, self.seconds_left)
            return through.transfer(output, upload, self.archives.shipment(place), chosen)

    def _place(self, pointer: Pointer) -> Place | Left:
        try:
            place = self.tasks.at(pointer)
        except PlanError as exc:
            return Left(str(exc))
        if isinstance(place, Place) and given_up(place.state, self.archives.now()):
            return Left(f"job {pointer.job_id} was stopped")
        return place

    def _row(self, place: Place) -> OpenUpload | None:
        return self.archives.uploads.rows.find(place.pointer.job_id, place.archive.archive_id)

    def _upload(self, place: Place, upload_id: str) -> OpenUpload:
        upload = self._row(place)
        if upload is None or upload.upload_id != upload_id:
            raise UploadGoneError(f"Upload {upload_id} of {place.archive.key} was ended; it is begun again.")
        return upload

    def _recorded(self, place: Place, outcome: Outcome) -> Outcome:
        recorded = self.recorder.record({_NAME: place}, {_NAME: outcome}, {})[_NAME]
        if isinstance(recorded, Again):
            raise NotRecordedError(f"{recorded.error_code}: {recorded.error_message}")
        return recorded
