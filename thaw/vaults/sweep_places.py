"""How far a sweep of retrieval jobs has come, as a file beside the job: a vault may have millions of them."""

import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from thaw.core.archives import Pointer
from thaw.core.vault_files import sweep_file
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_HEXADECIMAL = 16
_MISSING = "NoSuchKey"


@dataclass
class SweepPlace:
    """A sweep of run `run`, begun at `began_at` (fixed-width ISO-8601).

    Its jobs are listed from `marker` on, unless `listed`; then, if `searching`, rows of the plan are looked
    at from `part` on. `seen`: by part, the lines for which a retrieval job was found, as the bits of a
    number. `searched_at`: when the last such look at rows began, in whatever sweep, "" for never.
    """

    run: int
    began_at: str
    marker: str = ""
    listed: bool = False
    searching: bool = False
    part: int = 0
    seen: dict[int, int] = field(default_factory=dict[int, int])
    searched_at: str = ""

    def see(self, pointer: Pointer) -> None:
        """Notes that a retrieval job of this row was found."""
        self.seen[pointer.part] = self.seen.get(pointer.part, 0) | 1 << pointer.line

    def has_seen(self, pointer: Pointer) -> bool:
        """Whether one was."""
        return bool(self.seen.get(pointer.part, 0) >> pointer.line & 1)


def read_place(s3: "S3Client", jobs_bucket: str, job_id: str) -> SweepPlace | None:
    """The place of the last sweep of a job; None before the first. Raises ClientError."""
    try:
        answer = s3.get_object(Bucket=jobs_bucket, Key=sweep_file(job_id))
    except s3.exceptions.ClientError as exc:
        if error_code(exc) != _MISSING:
            raise
        return None
    document: dict[str, Any] = json.loads(gzip.decompress(answer["Body"].read()))
    seen = {int(part): int(lines, _HEXADECIMAL) for part, lines in document.pop("seen").items()}
    return SweepPlace(seen=seen, **document)


def write_place(s3: "S3Client", jobs_bucket: str, job_id: str, place: SweepPlace) -> None:
    """Keeps how far a sweep is. Raises ClientError."""
    seen = {part: f"{lines:x}" for part, lines in place.seen.items()}
    body = gzip.compress(json.dumps({**vars(place), "seen": seen}).encode(), mtime=0)
    s3.put_object(Bucket=jobs_bucket, Key=sweep_file(job_id), Body=body)
