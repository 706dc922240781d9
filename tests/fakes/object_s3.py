"""S3 in memory, as a store of objects that are copied, restored and listed: no bytes, so any size will do.

What an object holds is a word, of which ETag and checksums are made as S3 makes them: the MD5 only where it
is one, checksums of parts or of the whole. Every call is checked against botocore's model of S3.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qsl

import botocore.session
from botocore.validate import ParamValidator

from tests.fakes.dynamodb import client_error
from tests.fakes.stored_objects import (
    OWNER,
    Bucket,
    Stored,
    Upload,
    encryption,
    item,
    joined,
    restore_header,
    version,
)

if TYPE_CHECKING:
    from botocore.model import ServiceModel, StructureShape
    from mypy_boto3_s3 import S3Client

MAX_COPY = 5 * 2**30
ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
_KEPT = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType")


class S3Call(NamedTuple):
    """A call of the client, as asked."""

    operation: str
    request: Mapping[str, Any]


class ObjectS3:
    """Buckets by name. `on_call` may raise before a call takes effect; what S3 answers is `answered`."""

    def __init__(self, **buckets: Bucket) -> None:
        self.buckets = buckets
        self.calls: list[S3Call] = []
        self.uploads: dict[str, Upload] = {}
        self.on_call: Callable[[S3Call], None] = lambda _: None
        self.answered: Callable[[S3Call, Any], Any] = lambda _, answer: answer
        self.now = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)
        self.page_size = 1000
        self._versions = 0

    @property
    def client(self) -> "S3Client":
        return cast("S3Client", self)

    def put(self, bucket: str, key: str, stored: Stored) -> Stored:
        """Makes an object, as a new version where the bucket has them."""
        home = self.buckets[bucket]
        self._versions += 1
        made = replace(stored, version_id=f"v{self._versions}" if home.versioned else "")
        if home.versioned:
            home.keys.setdefault(key, []).append(made)
        else:
            home.keys[key] = [made]
        return made

    def current(self, bucket: str, key: str) -> Stored:
        return self.buckets[bucket].keys[key][-1]

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.calls)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any operation of the client that has an underscored method here."""
        operation = "".join(word.capitalize() for word in name.split("_"))
        act: Callable[[Mapping[str, Any]], Any] = object.__getattribute__(self, f"_{name}")

        def call(**request: Any) -> Any:
            _validate(operation, request)
            made = S3Call(operation, request)
            self.calls.append(made)
            self._check_owner(operation, request)
            self.on_call(made)
            return self.answered(made, act(request))

        return call

    def get_paginator(self, operation: str) -> "_Paginator":
        assert operation == "list_parts"
        return _Paginator(self)

    def _check_owner(self, operation: str, request: Mapping[str, Any]) -> None:
        if request["Bucket"] not in self.buckets:
            raise client_error(operation, "NoSuchBucket")
        expected = request.get("ExpectedBucketOwner", OWNER)
        if expected != self.buckets[request["Bucket"]].owner:
            raise client_error(operation, "AccessDenied")

    def _find(self, operation: str, place: Mapping[str, Any], missing: str = "NoSuchKey") -> Stored:
        versions = self.buckets[place["Bucket"]].keys.get(place["Key"], [])
        wanted = place.get("VersionId")
        found = [one for one in versions if wanted in (None, one.version_id)]
        if not found:
            raise client_error(operation, missing)
        return found[-1]

    def _head_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = self._find("HeadObject", request, "404")
        answer: dict[str, Any] = {
            "ContentLength": one.size,
            "ETag": one.etag,
            "LastModified": one.modified,
            "Metadata": dict(one.metadata),
            "ServerSideEncryption": one.sse,
            "SSEKMSKeyId": one.kms_key,
            "BucketKeyEnabled": one.bucket_key,
            "VersionId": one.version_id,
            "StorageClass": "" if one.storage_class == "STANDARD" else one.storage_class,
            "WebsiteRedirectLocation": one.redirect,
            "TagCount": len(one.tags),
            "MissingMeta": one.missing_metadata,
            "Restore": restore_header(one),
            **{"ExpiresString" if name == "Expires" else name: text for name, text in one.headers.items()},
        }
        checksums = one.checksums if request.get("ChecksumMode") == "ENABLED" else {}
        kept = {
            name: value for name, value in answer.items() if value or name in ("ContentLength", "Metadata")
        }
        return {**kept, **checksums}

    def _get_object_acl(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = self._find("GetObjectAcl", request)
        own = {"Grantee": {"ID": "owner", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
        return {"Owner": {"ID": "owner"}, "Grants": one.grants or [own]}

    def _get_object_tagging(self, request: Mapping[str, Any]) -> dict[str, Any]:
        tags = self._find("GetObjectTagging", request).tags
        return {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}

    def _put_object_tagging(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = self._find("PutObjectTagging", request)
        one.tags = {tag["Key"]: tag["Value"] for tag in request["Tagging"]["TagSet"]}
        return {}

    def _delete_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = self._find("DeleteObject", request)
        if request.get("IfMatch", one.etag) != one.etag:
            raise client_error("DeleteObject", "PreconditionFailed")
        versions = self.buckets[request["Bucket"]].keys[request["Key"]]
        versions.remove(one)
        if not versions:
            del self.buckets[request["Bucket"]].keys[request["Key"]]
        return {}

    def _copy_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        source = self._source("CopyObject", request)
        if source.size > MAX_COPY:
            raise client_error("CopyObject", "InvalidRequest")
        self._check_destination("CopyObject", request)
        kept = source if request.get("MetadataDirective") != "REPLACE" else Stored("", 0)
        tags = {} if request.get("TaggingDirective") == "REPLACE" else source.tags
        made = self.put(
            request["Bucket"],
            request["Key"],
            Stored(
                content=source.content,
                size=source.size,
                headers=dict(kept.headers),
                metadata=dict(kept.metadata),
                tags=dict(tags),
                algorithm=source.algorithm or "CRC64NVME",
                **self._asked(request),
            ),
        )
        result = {"ETag": made.etag, "LastModified": made.modified, **made.checksums}
        return {"CopyObjectResult": result, **encryption(made), **version(made)}

    def _create_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        upload_id = f"upload-{len(self.calls)}"
        self.uploads[upload_id] = Upload(dict(request))
        return {"UploadId": upload_id}

    def _upload_part_copy(self, request: Mapping[str, Any]) -> dict[str, Any]:
        source = self._source("UploadPartCopy", request)
        first, last = (int(text) for text in request["CopySourceRange"].removeprefix("bytes=").split("-"))
        if not 0 <= first <= last < source.size or last - first >= MAX_COPY:
            raise client_error("UploadPartCopy", "InvalidRange")
        upload = self._upload("UploadPartCopy", request)
        upload.parts[request["PartNumber"]] = (source.content, first, last)
        return {"CopyPartResult": {"ETag": f'"part-{request["PartNumber"]}"'}}

    def _list_parts(self, request: Mapping[str, Any]) -> dict[str, Any]:
        upload = self._upload("ListParts", request)
        after = request.get("PartNumberMarker", 0)
        numbers = [number for number in sorted(upload.parts) if number > after]
        page = numbers[: min(request.get("MaxParts", 1000), 1000)]
        algorithm = upload.request["ChecksumAlgorithm"]
        parts = [
            {
                "PartNumber": number,
                "Size": upload.parts[number][2] - upload.parts[number][1] + 1,
                "ETag": f'"part-{number}"',
                f"Checksum{algorithm}": f"{algorithm} of part {number}",
            }
            for number in page
        ]
        more = len(numbers) > len(page)
        return {"Parts": parts, "IsTruncated": more, "NextPartNumberMarker": page[-1] if page else after}

    def _complete_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        upload = self._upload("CompleteMultipartUpload", request)
        self._check_destination("CompleteMultipartUpload", request)
        named = request["MultipartUpload"]["Parts"]
        begun = upload.request
        checksum = f"Checksum{begun['ChecksumAlgorithm']}"
        if [one["PartNumber"] for one in named] != sorted(upload.parts) or not all(
            checksum in one for one in named
        ):
            raise client_error("CompleteMultipartUpload", "InvalidPart")
        pieces = [upload.parts[number] for number in sorted(upload.parts)]
        size = sum(last - first + 1 for _, first, last in pieces)
        if size != request["MpuObjectSize"]:
            raise client_error("CompleteMultipartUpload", "InvalidRequest")
        headers = {name: begun[name] for name in (*_KEPT, "Expires") if name in begun}
        made = self.put(
            request["Bucket"],
            request["Key"],
            Stored(
                content=joined(pieces),
                size=size,
                headers=headers,
                metadata=dict(begun.get("Metadata", {})),
                tags=dict(parse_qsl(begun.get("Tagging", ""), keep_blank_values=True)),
                algorithm=begun["ChecksumAlgorithm"],
                composite=begun["ChecksumType"] == "COMPOSITE",
                parts=len(pieces),
                **self._asked(begun),
            ),
        )
        del self.uploads[request["UploadId"]]
        return {"ETag": made.etag, **made.checksums, **encryption(made), **version(made)}

    def _abort_multipart_upload(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._upload("AbortMultipartUpload", request)
        del self.uploads[request["UploadId"]]
        return {}

    def _get_bucket_versioning(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"Status": "Enabled"} if self.buckets[request["Bucket"]].versioned else {}

    def _restore_object(self, request: Mapping[str, Any]) -> dict[str, Any]:
        one = self._find("RestoreObject", request)
        if one.storage_class not in ARCHIVED:
            raise client_error("RestoreObject", "InvalidObjectState")
        if one.restoring:
            raise client_error("RestoreObject", "RestoreAlreadyInProgress")
        if one.restored_until:
            midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
            one.restored_until = midnight + timedelta(days=request["RestoreRequest"]["Days"] + 1)
        else:
            one.restoring = True
        return {}

    def _list_objects_v2(self, request: Mapping[str, Any]) -> dict[str, Any]:
        keys = self._listed_keys(request, request.get("StartAfter", ""))
        page = keys[: self.page_size]
        items = [item(key, self.current(request["Bucket"], key)) for key in page]
        return {"Contents": items, "IsTruncated": len(keys) > len(page)}

    def _list_object_versions(self, request: Mapping[str, Any]) -> dict[str, Any]:
        keys = self._listed_keys(request, request.get("KeyMarker", ""))
        page = keys[: self.page_size]
        home = self.buckets[request["Bucket"]]
        items = [
            {**item(key, one), "VersionId": one.version_id, "IsLatest": one is home.keys[key][-1]}
            for key in page
            for one in reversed(home.keys[key])
        ]
        return {
            "Versions": items,
            "IsTruncated": len(keys) > len(page),
            "NextKeyMarker": page[-1] if page else "",
        }

    def _listed_keys(self, request: Mapping[str, Any], after: str) -> list[str]:
        assert request["OptionalObjectAttributes"] == ["RestoreStatus"]
        prefix = request.get("Prefix", "")
        keys = self.buckets[request["Bucket"]].keys
        return sorted(key for key in keys if key > after and key.startswith(prefix))

    def _source(self, operation: str, request: Mapping[str, Any]) -> Stored:
        source = self._find(operation, request["CopySource"])
        owner = self.buckets[request["CopySource"]["Bucket"]].owner
        if request.get("ExpectedSourceBucketOwner", owner) != owner:
            raise client_error(operation, "AccessDenied")
        if request.get("CopySourceIfMatch", source.etag) != source.etag:
            raise client_error(operation, "PreconditionFailed")
        if source.storage_class in ARCHIVED and not source.restored_until:
            raise client_error(operation, "InvalidObjectState")
        return source

    def _check_destination(self, operation: str, request: Mapping[str, Any]) -> None:
        there = self.buckets[request["Bucket"]].keys.get(request["Key"])
        wrong = there is None or there[-1].etag != request["IfMatch"] if "IfMatch" in request else False
        if wrong or (there and request.get("IfNoneMatch") == "*"):
            raise client_error(operation, "PreconditionFailed")

    def _upload(self, operation: str, request: Mapping[str, Any]) -> Upload:
        if request["UploadId"] not in self.uploads:
            raise client_error(operation, "NoSuchUpload")
        return self.uploads[request["UploadId"]]

    def _asked(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What CopyObject and CreateMultipartUpload ask for alike."""
        granted = [
            {"Permission": name, "Header": request[parameter]}
            for name, parameter in (
                ("FULL_CONTROL", "GrantFullControl"),
                ("READ", "GrantRead"),
                ("READ_ACP", "GrantReadACP"),
                ("WRITE_ACP", "GrantWriteACP"),
            )
            if parameter in request
        ]
        return {
            "storage_class": request.get("StorageClass", "STANDARD"),
            "modified": self.now,
            "sse": request.get("ServerSideEncryption", "AES256"),
            "kms_key": request.get("SSEKMSKeyId", ""),
            "bucket_key": request.get("BucketKeyEnabled", False),
            "redirect": request.get("WebsiteRedirectLocation", ""),
            "canned_acl": request.get("ACL", ""),
            "grants": granted,
        }


class _Paginator:
    def __init__(self, s3: ObjectS3) -> None:
        self._s3 = s3

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        page = self._s3.list_parts(**request)
        yield page
        while page["IsTruncated"]:
            page = self._s3.list_parts(**request, PartNumberMarker=page["NextPartNumberMarker"])
            yield page


@cache
def _model() -> "ServiceModel":
    return botocore.session.Session().get_service_model("s3")


def _validate(operation: str, request: Mapping[str, Any]) -> None:
    """As botocore does; it takes the source of a copy as a mapping too."""
    texts = {name: "text" for name in ("CopySource",) if name in request}
    shape = cast("StructureShape", _model().operation_model(operation).input_shape)
    report = ParamValidator().validate({**request, **texts}, shape)
    assert not report.has_errors(), report.generate_report()
