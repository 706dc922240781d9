"""Copies one object of more than 5 GB in parts, several at a time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thaw.copying.checking import check_copy
from thaw.copying.errors import IncompleteCopyError, NoTimeLeftError
from thaw.copying.heads import checksums_of, content_of
from thaw.copying.requests import condition, tags_fit
from thaw.copying.uploads import Upload
from thaw.copying.work import Work
from thaw.core.copy_plan import Part, part_bytes
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def begin(client: "S3Client", work: Work) -> Upload:
    """Begins a copy in parts. Raises ClientError, and CopyRefusedError where it cannot be as it should."""
    size = part_bytes(work.size_bytes)
    created = client.create_multipart_upload(**work.upload_request())
    source, place = work.source, work.place
    return Upload(
        bucket=place.bucket,
        key=place.key,
        region=place.region,
        source_bucket=source.bucket,
        source_key=source.key,
        source_version_id=source.reference().get("VersionId", ""),
        etag=source.head.content.etag,
        size_bytes=work.size_bytes,
        part_bytes=size,
        upload_id=created["UploadId"],
        source_owner=work.owners.source,
        owner=work.owners.destination,
    )


def copy_parts(
    client: "S3Client",
    upload: Upload,
    parts: Iterable[Part],
    pool: Executor,
    seconds_left: Callable[[], float],
) -> None:
    """Copies the parts, as many at a time as `pool` has workers.

    Raises the first error; NoTimeLeftError when `seconds_left()` is used up before all have begun.
    """

    def copy(one: Part) -> None:
        if seconds_left() <= 0:
            raise NoTimeLeftError(f"The time of the function is over at part {one.number} of {upload.key}.")
        _copy_part(client, upload, one)

    futures = [pool.submit(copy, one) for one in parts]
    try:
        for future in futures:
            future.result()
    finally:
        for future in futures:
            future.cancel()


def missing_parts(client: "S3Client", upload: Upload, first: int, last: int) -> list[Part]:
    """Which of these parts, at most a thousand, are not there yet."""
    answer = client.list_parts(
        **cast("Any", upload.named()), PartNumberMarker=first - 1, MaxParts=last - first + 1
    )
    there = {found.get("PartNumber") for found in answer.get("Parts", ())}
    return [one for one in upload.parts(first, last) if one.number not in there]


def first_missing(client: "S3Client", upload: Upload) -> list[Part]:
    """The first part that is not there yet, if any."""
    there = {found["PartNumber"] for found in _copied_parts(client, upload)}
    missing = (one for one in upload.parts(1, upload.part_count) if one.number not in there)
    return list(islice(missing, 1))


def _copied_parts(client: "S3Client", upload: Upload) -> Iterator[Mapping[str, Any]]:
    """All parts that are there, in their order: number, size, ETag, checksums."""
    pages = client.get_paginator("list_parts").paginate(**cast("Any", upload.named()))
    for page in pages:
        yield from cast("list[Mapping[str, Any]]", page.get("Parts", []))


def complete(client: "S3Client", upload: Upload, work: Work) -> None:
    """Makes the object of its parts and checks it. Raises ClientError and the errors of copies."""
    parts = list(_copied_parts(client, upload))
    size = sum(found["Size"] for found in parts)
    if len(parts) != upload.part_count or size != upload.size_bytes:
        raise IncompleteCopyError(
            f"Of {upload.key}, {len(parts)} of {upload.part_count} parts and {size} of {upload.size_bytes}"
            " bytes were copied; try again."
        )
    request: dict[str, Any] = {
        **upload.named(),
        "MultipartUpload": {"Parts": [_completed(found) for found in parts]},
        "MpuObjectSize": upload.size_bytes,
        **condition(work.place, work.source.head),
    }
    answer = cast("Mapping[str, Any]", client.complete_multipart_upload(**request))
    check_copy(client, work, content_of(answer, answer, None), answer.get("VersionId", ""))


def put_tags(client: "S3Client", work: Work) -> None:
    """Tags the copy where its tags were too many for the request that began it."""
    if not work.tags or tags_fit(work.tags):
        return
    client.put_object_tagging(
        Bucket=work.place.bucket,
        Key=work.place.key,
        Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in work.tags.items()]},
        ExpectedBucketOwner=work.owners.destination,
    )


def abort(client: "S3Client", upload: Upload) -> None:
    """Ends an upload that is not to be completed; harmless where it has ended."""
    try:
        client.abort_multipart_upload(**cast("Any", upload.named()))
    except ClientError as exc:
        if error_code(exc) != "NoSuchUpload":
            raise


def _copy_part(client: "S3Client", upload: Upload, one: Part) -> None:
    source = {"Bucket": upload.source_bucket, "Key": upload.source_key}
    if upload.source_version_id:
        source["VersionId"] = upload.source_version_id
    request: dict[str, Any] = {
        **upload.named(),
        "PartNumber": one.number,
        "CopySource": source,
        "CopySourceRange": f"bytes={one.first}-{one.last}",
        "CopySourceIfMatch": upload.etag,
        "ExpectedSourceBucketOwner": upload.source_owner,
    }
    client.upload_part_copy(**request)


def _completed(found: Mapping[str, Any]) -> dict[str, Any]:
    """A part as CompleteMultipartUpload takes it: with its checksum, where it has one."""
    checksums = {f"Checksum{name}": value for name, value in checksums_of(found).values.items()}
    return {"PartNumber": found["PartNumber"], "ETag": found["ETag"], **checksums}
