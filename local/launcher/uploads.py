"""Mends of the emulator's multipart uploads: who began them."""

import re
from collections.abc import Callable
from typing import Any

import shapes

_UPLOAD = re.compile(
    rb"(<UploadId>(?P<id>[^<]+)</UploadId><Initiator><ID>)[^<]*(</ID><DisplayName>)[^<]*(</DisplayName>)"
)


def listed_uploads_name_who_began_them(s3: Any, iam_evaluator: Any) -> None:
    """ListMultipartUploads names the account for whoever began an upload, not the session of a role.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html
    """

    def make_create(original: Any) -> Callable[..., Any]:
        def create(bucket: str, key: str, headers: Any) -> Any:
            before = set(s3._multipart_uploads)
            answer = original(bucket, key, headers)
            for upload_id in set(s3._multipart_uploads) - before:
                s3._multipart_uploads[upload_id]["initiator"] = iam_evaluator.caller_arn()
            return answer

        return create

    def make_list(original: Any) -> Callable[..., Any]:
        def named(found: re.Match[bytes]) -> bytes:
            upload = s3._multipart_uploads.get(found["id"].decode(), {})
            arn = upload.get("initiator", "").encode()
            return found[1] + arn + found[3] + arn.rpartition(b":")[2] + found[4]

        def listed(bucket: str, query: Any) -> Any:
            status, headers, body = original(bucket, query)
            return status, headers, _UPLOAD.sub(named, body)

        return listed

    shapes.replace(s3, "_create_multipart_upload", "3e8ca288f480", make_create)
    shapes.replace(s3, "_list_multipart_uploads", "b2b3f60ef4a5", make_list)
