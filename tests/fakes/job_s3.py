"""S3 in memory as a job's start and reports meet it: our files, notification rules, restore requests.

Every call is checked against botocore's model of S3. What it answers is S3's; what it does not know, it
refuses to do.
"""

import copy
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.validate import ParamValidator

from tests.fakes.dynamodb import client_error

if TYPE_CHECKING:
    from botocore.model import ServiceModel, StructureShape
    from mypy_boto3_s3 import S3Client

ACCOUNT = "123456789012"
MIN_PART = 5 * 2**20
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html; tests with less say so by `min_part`."""

Requested = tuple[str, str | None]
"""(key, version id)"""


class JobS3:
    """`files` by (bucket, key). `requested` are the restore requests that S3 took, in their order.

    `on_call(operation, request)` may raise before a call takes effect, `after_call` when it has.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.configurations: dict[str, dict[str, Any]] = {}
        self.requested: list[Requested] = []
        self.requests: list[Mapping[str, Any]] = []
        self.calls: Counter[str] = Counter()
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.min_part = MIN_PART
        self.on_call: Callable[[str, Mapping[str, Any]], None] = lambda _, __: None
        self.after_call: Callable[[str, Mapping[str, Any]], None] = lambda _, __: None
        self._lock = Lock()

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Of the files there."""
        return sorted(key for where, key in self.files if where == bucket and key.startswith(prefix))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any operation of the client that has an underscored method here."""
        operation = "".join(word.capitalize() for word in name.split("_"))
        act: Callable[[Mapping[str, Any]], Any] = object.__getattribute__(self, f"_{name}")

        def call(**request: Any) -> Any:
            validate("s3", operation, request)
            with self._lock:
                self.calls[operation] += 1
                self.on_call(operation, request)
                answer = act(request)
                self.after_call(operation, request)
            return answer

        return call

    def get_paginator(self, operation: str) -> "_Paginator":
        assert operation == "list_objects_v2"
        return _Paginator(self)

    def _get_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        body = self.files.get((request["Bucket"], request["Key"]))
        if body is None:
            raise client_error("GetObject", "NoSuchKey")
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}

    def _put_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.files[request["Bucket"], request["Key"]] = request["Body"]
        return {"ETag": f'"{_md5(request["Body"])}"'}

    def _delete_objects(self, request: Mapping[str, Any]) -> dict[str, Any]:
        for each in request["Delete"]["Objects"]:
            self.files.pop((request["Bucket"], each["Key"]), None)
        return {}

    def _create_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        upload_id = f"{request['Key']}-{len(self.uploads)}"
        self.uploads[upload_id] = {}
        return {"UploadId": upload_id}

    def _upload_part(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.uploads[request["UploadId"]][request["PartNumber"]] = request["Body"]
        return {"ETag": f'"{_md5(request["Body"])}"'}

    def _complete_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.uploads.pop(request["UploadId"])
        named = request["MultipartUpload"]["Parts"]
        if [(one["PartNumber"], one["ETag"]) for one in named] != [
            (number, f'"{_md5(body)}"') for number, body in sorted(parts.items())
        ]:
            raise client_error("CompleteMultipartUpload", "InvalidPart")
        bodies = [body for _, body in sorted(parts.items())]
        if any(len(body) < self.min_part for body in bodies[:-1]):
            raise client_error("CompleteMultipartUpload", "EntityTooSmall")
        self.files[request["Bucket"], request["Key"]] = b"".join(bodies)
        digests = b"".join(bytes.fromhex(_md5(body)) for body in bodies)
        return {"ETag": f'"{_md5(digests)}-{len(bodies)}"'}

    def _abort_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        del self.uploads[request["UploadId"]]
        return {}

    def _get_bucket_notification_configuration(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert request["ExpectedBucketOwner"] == ACCOUNT
        return {"ResponseMetadata": {}, **copy.deepcopy(self.configurations[request["Bucket"]])}

    def _put_bucket_notification_configuration(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert request["ExpectedBucketOwner"] == ACCOUNT
        self.configurations[request["Bucket"]] = copy.deepcopy(request["NotificationConfiguration"])
        return {}

    def _restore_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = (request["Key"], request.get("VersionId"))
        if one in self.requested:
            raise refused("RestoreAlreadyInProgress", 409, "Object restore is already in progress")
        self.requested.append(one)
        self.requests.append(request)
        return {}


class _Paginator:
    def __init__(self, s3: JobS3) -> None:
        self._s3 = s3

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 (boto3's names)
        self._s3.calls["ListObjectsV2"] += 1
        for key in self._s3.keys(Bucket, Prefix):
            yield {"Contents": [{"Key": key}]}


def refused(code: str, status: int, message: str = "as the test says") -> ClientError:
    """A refusal of S3, with its HTTP status."""
    error: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(error, "RestoreObject")


def validate(service: str, operation: str, request: Mapping[str, Any]) -> None:
    """Fails the test for a request that botocore would not send."""
    shape = _model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(dict(request), cast("StructureShape", shape))
    assert not report.has_errors(), report.generate_report()


@cache
def _model(service: str) -> "ServiceModel":
    return botocore.session.get_session().get_service_model(service)


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
