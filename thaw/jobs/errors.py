"""What can go wrong while a job is carried out: one class a condition."""

from thaw.core.errors import ThawError


class JobError(ThawError):
    """Base of what stops a job."""


class CancelledError(JobError):
    """Somebody cancelled the job while it was being started."""


class JobRunningError(JobError):
    """A job that has not ended cannot be started again."""


class OtherBucketError(JobError):
    """A job id belongs to a job of another bucket."""


class OtherCopyError(JobError):
    """A job id belongs to a job that copies otherwise."""


class AlreadyMovedError(JobError):
    """Archives of a vault were moved to this place, and it is not said whether their plan is to go on."""


class NoTransferError(JobError):
    """A job is asked for what only transfers of vaults do, and is none."""


class OtherRequestError(JobError):
    """An idempotency key was used for another request."""


class UnheardEventsError(JobError):
    """The restore events of objects of the job would not reach our queue."""


class NothingToDoError(JobError):
    """A job none of whose objects could be loaded."""


class LostObjectsError(JobError):
    """More or fewer objects were loaded than were prepared."""


class LostRequestsError(JobError):
    """The files of what is to be requested hold more or fewer objects than were loaded."""


class TooManyWavesError(JobError):
    """A job would have to be cut into more waves than its state can hold."""


class TooManyRefusedError(JobError):
    """S3 refuses more restore requests than is tolerated."""


class BatchJobError(JobError):
    """S3 Batch Operations does not do what was asked."""


class NoSuchWaveError(JobError):
    """A job has no wave of this number."""


class ReportNotThereError(JobError):
    """The completion report of a Batch Operations job is not there (yet)."""


class ReportPartError(JobError):
    """A part of a completion report is not what its manifest says."""


class RestoreThrottledError(JobError):
    """S3 takes no restore requests for now, however slowly they are sent."""


class UnappliedNewsError(JobError):
    """What was learned of some objects could not be written to their records."""


class RunsUsedUpError(JobError):
    """Every name that an execution for a job could have was used in the last 90 days."""


class AnnouncementError(JobError):
    """A progress event could not be handed over."""


class WatchError(JobError):
    """Some jobs could not be looked at; the others were."""
