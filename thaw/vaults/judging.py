"""What the end of a retrieval means for its archive, and what an error on its way to S3 does."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.copying.making import code_of
from thaw.copying.outcomes import Again, Failed, Left
from thaw.core.history import NOTHING, History
from thaw.core.retrieval_jobs import RetrievalJob, RetrievalStatus
from thaw.core.vault_sweeping import SKEW_HOURS
from thaw.core.watch_figures import hours_before
from thaw.store.error_codes import error_code
from thaw.store.vault_agains import MAX_ATTEMPTS, VaultAgains
from thaw.vaults.errors import ArchiveRefusedError, TransfersBusyError
from thaw.vaults.existing import CONFLICT
from thaw.vaults.outcomes import Noted, Outcome, Refused, Waiting
from thaw.vaults.tasks import Place, Task

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

RETRIEVAL_FAILED = "RetrievalFailed"
"""The error code of an archive whose retrieval jobs have failed MAX_ATTEMPTS times."""

ARCHIVE_DIFFERS = "ArchiveDiffers"
"""The error code of an archive that is not the one that the plan describes."""

_UNKNOWN_JOB = "ResourceNotFoundException"


@dataclass(frozen=True)
class Judge:
    """Has archives asked for again, or gives them up."""

    glacier: "GlacierClient"
    agains: VaultAgains

    def ended(self, task: Task, now: str) -> Outcome | None:
        """What comes of a retrieval that has failed, or of another archive than planned; None where there is
        an archive to be read. Raises ClientError."""
        if task.retrieval.status is RetrievalStatus.FAILED:
            return self._failed(task, now)
        if _agrees(task, task.retrieval):
            return None
        return self._differs(task, now)

    def lapsed(self, place: Place, retrieval_job_id: str, completed_at: str, now: str) -> Outcome:
        """What comes of an archive whose output cannot be read any more: it is asked for again, unless it has
        been since. `completed_at` is "" where nobody knows."""
        history = place.record.history
        if completed_at and completed_at < history.restore_requested_at:
            return Left("the archive has been requested again since")
        asked = self.agains.ask(
            place.pointer,
            window_over(retrieval_job_id),
            reason="The 24 hours in which its output could be read are over.",
            size_bytes=place.archive.size_bytes,
            failed=False,
        )
        expires = history.restore_expires_at
        expired_at = expires if completed_at and "" < expires < now else now
        return Noted("its window is over", History(restore_expired_at=expired_at), asked)

    def again(
        self, place: Place, cause: str, reason: str, now: str, *, code: str = "", counts: bool = True
    ) -> Outcome:
        """Has the archive asked for again for what went wrong, until that was too often, if it `counts`; then
        it has failed with `code`, if there is one."""
        asked = self.agains.ask(
            place.pointer, cause, reason=reason, size_bytes=place.archive.size_bytes, failed=counts
        )
        if asked.attempts < MAX_ATTEMPTS:
            return Noted(f"requested again: {reason}", NOTHING, asked)
        self.agains.done(asked)
        told = f"{asked.attempts} retrievals failed, the last one so: {reason}"
        return Failed(now, code, reason) if code else Failed(now, RETRIEVAL_FAILED, told)

    def _failed(self, task: Task, now: str) -> Outcome:
        retrieval, place = task
        if retrieval.created_at < place.record.since:
            return Left("the retrieval is of an earlier transfer")
        if place.record.history.restore_requested_at > hours_before(retrieval.completed_at, -SKEW_HOURS):
            return Left("the archive has been requested again since")
        message = retrieval.message or "no reason told"
        return self.again(place, retrieval.job_id, f"Retrieval job {retrieval.job_id}: {message}", now)

    def knows(self, task: Task) -> bool:
        """Whether Glacier itself says that this retrieval of the archive succeeded. Raises ClientError."""
        described = self._described(task)
        return described is not None and _agrees(task, described)

    def _differs(self, task: Task, now: str) -> Outcome | None:
        """A message is only a message: Glacier itself is asked before an archive is given up."""
        described, archive = self._described(task), task.place.archive
        if described is None:
            return Left(f"Glacier has completed no retrieval job {task.retrieval.job_id}")
        if _agrees(task, described):
            return None
        return Failed(
            now,
            ARCHIVE_DIFFERS,
            f"Glacier retrieved {described.size_bytes:,} bytes with the tree hash {described.tree_hash}; the"
            f" plan says {archive.size_bytes:,} and {archive.sha256_tree_hash}: plan the transfer again.",
        )

    def _described(self, task: Task) -> RetrievalJob | None:
        """The retrieval as Glacier knows it; None unless it has succeeded, and is of this archive.

        https://docs.aws.amazon.com/amazonglacier/latest/dev/api-describe-job-get.html
        """
        retrieval = task.retrieval
        try:
            answer = self.glacier.describe_job(vaultName=task.place.vault, jobId=retrieval.job_id)
        except ClientError as exc:
            if error_code(exc) != _UNKNOWN_JOB:
                raise
            return None
        described = RetrievalJob.of(cast("dict[str, Any]", answer))
        same = described.archive_id == retrieval.archive_id
        return described if same and described.status is RetrievalStatus.SUCCEEDED else None


def window_over(retrieval_job_id: str) -> str:
    """The cause to ask for an archive again whose output can be read no more, whoever finds it."""
    return f"{retrieval_job_id} lapsed"


def outcome_of(error: Exception, place: Place, now: str) -> Outcome:
    """What an error means that came of transferring an archive, beside OutputGoneError."""
    if isinstance(error, TransfersBusyError):
        return Waiting(code_of(error), str(error))
    if isinstance(error, ArchiveRefusedError):
        return Refused(now, error.code, str(error), place.archive.key if error.code == CONFLICT else "")
    return Again(code_of(error), str(error))


def staged(retrieval: RetrievalJob) -> History:
    """What a completed retrieval tells of its archive."""
    until = retrieval.readable_until
    return (
        History(restore_completed_at=retrieval.completed_at, restore_expires_at=until) if until else NOTHING
    )


def _agrees(task: Task, retrieval: RetrievalJob) -> bool:
    archive = task.place.archive
    same_size = retrieval.size_bytes == archive.size_bytes
    return same_size and retrieval.tree_hash in ("", archive.sha256_tree_hash)
