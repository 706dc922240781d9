"""What moto says of multipart uploads otherwise than S3 does, put right: checksums, and when they began."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.s3.exceptions import NoSuchUpload
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

_ALWAYS = "2010-11-10T20:48:33.000Z"
"""When all uploads began, if moto is asked."""

_NOBODY = "arn:aws:iam::123456789012:user/user1-11111a31-17b5-4fb7-9df5-b111111f13de"
"""Who began them."""

MAKER = "arn:aws:sts::123456789012:assumed-role/thaw-transfer-archives/thaw-transfer-archives"
"""Who does in the tests of transfers."""

_complete: Callable[..., Any] = S3Backend.complete_multipart_upload
_upload_part: Callable[..., Any] = S3Backend.upload_part
_list: Callable[..., Any] = S3Response.list_multipart_uploads


@contextmanager
def mended(now: Callable[[], str]) -> Generator[None]:
    """HeadObject tells a composite checksum with the number of its parts, UploadPart refuses an upload that
    has ended, and ListMultipartUploads tells that all began at `now()`, ISO-8601, by MAKER."""

    def complete(*args: Any, **kwargs: Any) -> Any:
        key = _complete(*args, **kwargs)
        if key is not None and key.checksum_value and key.checksum_type == "COMPOSITE":
            key.checksum_value = f"{key.checksum_value}-{key.checksum_parts}"
        return key

    def upload_part(self: S3Backend, bucket: str, upload_id: str, *args: Any) -> Any:
        if upload_id not in self.get_bucket(bucket).multiparts:
            raise NoSuchUpload(upload_id=upload_id)
        return _upload_part(self, bucket, upload_id, *args)

    def listed(response: S3Response) -> Any:
        status, headers, body = _list(response)
        return status, headers, body.replace(_ALWAYS, now()).replace(_NOBODY, MAKER)

    with ExitStack() as stack:
        stack.enter_context(patch.object(S3Backend, "complete_multipart_upload", complete))
        stack.enter_context(patch.object(S3Backend, "upload_part", upload_part))
        stack.enter_context(patch.object(S3Response, "list_multipart_uploads", listed))
        yield
