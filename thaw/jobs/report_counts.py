"""What reading the parts of a completion report came to, a file a part, and whether it adds up."""

import hashlib
import json
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from thaw.core import job_files
from thaw.core.job_states import Wave
from thaw.jobs.batch_operations import BatchProgress
from thaw.manifests.s3 import S3Uri, list_keys, read_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_CANCELLED = "Cancelled"


class PartCounts(NamedTuple):
    """The rows of a part (or of several): `requested` with those that were being restored already, `refused`,
    of objects that have no record (`untracked`), and such as name no object (`unreadable`)."""

    rows: int = 0
    requested: int = 0
    refused: int = 0
    untracked: int = 0
    unreadable: int = 0
    first_unreadable: str = ""

    def plus(self, other: "PartCounts") -> "PartCounts":
        """Both together."""
        return PartCounts(
            self.rows + other.rows,
            self.requested + other.requested,
            self.refused + other.refused,
            self.untracked + other.untracked,
            self.unreadable + other.unreadable,
            self.first_unreadable or other.first_unreadable,
        )


@dataclass(frozen=True)
class CountFiles:
    """The counts of one wave, in the jobs bucket."""

    s3: "S3Client"
    jobs_bucket: str
    job_id: str
    wave: int

    def write(self, part_key: str, start: int, counts: PartCounts) -> None:
        """Notes what reading the part from its row `start` on came to; again: instead of what was noted."""
        digest = hashlib.sha256(part_key.encode()).hexdigest()[:32]
        self.s3.put_object(
            Bucket=self.jobs_bucket,
            Key=f"{self._folder}{digest}-{start:010}.json",
            Body=json.dumps(counts._asdict()).encode(),
        )

    def sum(self) -> PartCounts:
        """What all parts came to."""
        keys = sorted(list_keys(self.s3, S3Uri(self.jobs_bucket, self._folder)))
        return reduce(PartCounts.plus, map(self._read, keys), PartCounts())

    def _read(self, key: str) -> PartCounts:
        return PartCounts(**json.loads(read_object(self.s3, S3Uri(self.jobs_bucket, key))))

    @property
    def _folder(self) -> str:
        return job_files.report_counts_folder(self.job_id, self.wave)


def problems(wave: Wave, batch: BatchProgress, counts: PartCounts) -> list[str]:
    """What of a wave does not add up, a sentence each: its objects, the tasks that S3 counted, and the rows
    of the report. Of a cancelled Batch Operations job, tasks are missing by somebody's wish."""
    what = f"Batch Operations job {wave.batch_job_id} (wave {wave.number})"
    done = batch.succeeded + batch.failed
    found = {
        f"S3 says of {what}: {batch.reason}": bool(batch.reason),
        f"S3 counts {batch.tasks} tasks in {what}, whose manifest has {wave.objects} objects.": (
            batch.status != _CANCELLED and batch.tasks != wave.objects
        ),
        f"The completion report of {what} has {counts.rows} rows for {wave.objects} objects.": (
            batch.status != _CANCELLED and counts.rows != wave.objects
        ),
        f"The completion report of {what} has {counts.rows} rows, and S3 counts {done} tasks as done.": (
            counts.rows != done
        ),
        f"{counts.unreadable} rows of the completion report of {what} cannot be read; the first:"
        f" {counts.first_unreadable}": counts.unreadable > 0,
        f"{counts.untracked} rows of the completion report of {what} name objects that have no record.": (
            counts.untracked > 0
        ),
    }
    return [sentence for sentence, holds in found.items() if holds]
