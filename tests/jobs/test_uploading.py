"""Objects written as they come: whole, in parts that S3 takes, or not at all."""

import pytest

from tests.fakes.job_s3 import MIN_PART, JobS3
from tests.jobs.started import JOBS_BUCKET, DiedError
from thaw.jobs.uploading import PART_BYTES, StreamedObject

ROWS = [b"archive,%05d\n" % number for number in range(50)]


def written(s3: JobS3, rows: list[bytes], part_bytes: int) -> str:
    with StreamedObject(s3.client, JOBS_BUCKET, "key", part_bytes) as one:
        for row in rows:
            one.write(row)
    return one.etag


def test_a_large_object_is_sent_part_by_part() -> None:
    s3 = JobS3()
    s3.min_part = 100
    etag = written(s3, ROWS, 100)
    assert s3.files[JOBS_BUCKET, "key"] == b"".join(ROWS)
    assert (s3.calls["UploadPart"], etag[-2:]) == (7, "-7")
    assert written(s3, ROWS, 100) == etag, "the same content has the same ETag"


def test_a_last_part_that_would_be_empty_is_not_sent() -> None:
    s3 = JobS3()
    s3.min_part = 14
    assert written(s3, ROWS[:2], 14).endswith("-2")
    assert s3.files[JOBS_BUCKET, "key"] == b"".join(ROWS[:2])


def test_a_small_object_takes_one_call_even_if_it_is_empty() -> None:
    s3 = JobS3()
    assert written(s3, [], 100) == "d41d8cd98f00b204e9800998ecf8427e"
    assert dict(s3.calls) == {"PutObject": 1}


def test_an_upload_that_fails_leaves_nothing_behind() -> None:
    s3 = JobS3()

    def interrupted() -> None:
        with StreamedObject(s3.client, JOBS_BUCKET, "key", part_bytes=1) as one:
            one.write(b"row")
            raise DiedError

    with pytest.raises(DiedError):
        interrupted()
    assert (s3.calls["UploadPart"], s3.uploads, s3.files) == (1, {}, {})


def test_a_part_is_as_large_as_s3_wants_it() -> None:
    assert PART_BYTES >= MIN_PART
