"""The manifests of a job's waves, written out of its requests/ files a line at a time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#specify-batchjob-manifest
"""

from collections.abc import Callable, Iterator
from itertools import groupby, tee
from operator import itemgetter
from typing import TYPE_CHECKING

from thaw.core import job_files
from thaw.core.job_states import Wave
from thaw.core.keys import NO_VERSION, Spelling, encode_key
from thaw.core.waves import MAX_WAVES, wave_numbers
from thaw.jobs.errors import TooManyWavesError, UnheardEventsError
from thaw.jobs.request_files import request_keys, request_lines
from thaw.jobs.request_lines import RequestLine
from thaw.jobs.uploading import StreamedObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control.literals import JobManifestFieldNameType

COLUMNS: "tuple[JobManifestFieldNameType, ...]" = ("Bucket", "Key", "VersionId")
UNVERSIONED_COLUMNS = COLUMNS[:2]
"""Where no object has a version, S3 takes the newest one; `null` would be the one from before versioning:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/inventory-configure-bops.html"""

Heard = Callable[[str], bool]
"""Whether the restore events of a key reach our queue."""


class WaveManifests:
    """Writes the manifests of one job, whose objects are in `bucket`, into the jobs bucket."""

    def __init__(self, s3: "S3Client", jobs_bucket: str, job_id: str, bucket: str) -> None:
        self._s3 = s3
        self._jobs_bucket = jobs_bucket
        self._job_id = job_id
        self._bucket = bucket

    def write(self, limit: int, heard: Heard) -> list[Wave]:
        """The waves, each of at most `limit` bytes (0: no limit), with their manifests' ETags.

        Raises UnheardEventsError for a key that is not `heard`, TooManyWavesError.
        """
        versioned = any(line.version_id != NO_VERSION for line in self._lines())
        lines, sized = tee(self._lines())
        numbered = zip(wave_numbers((line.size_bytes for line in sized), limit), lines, strict=True)
        return [
            self._write_one(number, (line for _, line in those), versioned=versioned, heard=heard)
            for number, those in groupby(numbered, key=itemgetter(0))
        ]

    def _lines(self) -> Iterator[RequestLine]:
        for key in request_keys(self._s3, self._jobs_bucket, self._job_id):
            yield from request_lines(self._s3, self._jobs_bucket, key)

    def _write_one(self, number: int, lines: Iterator[RequestLine], *, versioned: bool, heard: Heard) -> Wave:
        if number > MAX_WAVES:
            raise TooManyWavesError(
                f"Job {self._job_id} would have more than {MAX_WAVES} waves: set max_uncopied_bytes larger."
            )
        key, objects, size_bytes = job_files.wave_manifest(self._job_id, number), 0, 0
        with StreamedObject(self._s3, self._jobs_bucket, key) as manifest:
            for line in lines:
                if not heard(line.key):
                    raise UnheardEventsError(
                        f"Restore events of {self._bucket}/{line.key} would not reach this stack's queue: the"
                        " bucket's notification rule is for other keys; set no prefix on it, and deploy."
                    )
                manifest.write(self._row(line, versioned=versioned))
                objects, size_bytes = objects + 1, size_bytes + (line.size_bytes or 0)
        return Wave(number, objects, size_bytes, key, manifest.etag, versioned=versioned)

    def _row(self, line: RequestLine, *, versioned: bool) -> bytes:
        key = encode_key(line.key, Spelling.BATCH_OPERATIONS)
        row = (self._bucket, key, line.version_id) if versioned else (self._bucket, key)
        return f"{','.join(row)}\n".encode()
