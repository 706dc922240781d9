"""Copies one object of at most 5 GB by one request, and checks it by the answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from thaw.copying.checking import check_copy
from thaw.copying.heads import content_of
from thaw.copying.work import Work

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def copy_at_once(client: "S3Client", work: Work) -> None:
    """One CopyObject; raises ClientError, and CopyDiffersError if what came of it is not the source."""
    answer = cast("Mapping[str, Any]", client.copy_object(**work.copy_request()))
    copied = content_of(answer, answer.get("CopyObjectResult", {}), None)
    check_copy(client, work, copied, answer.get("VersionId", ""))
