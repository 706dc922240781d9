"""Counts the calls that functions make, by operation, and tells them at an address of its own."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import shapes
from glacier.wire import operation_of

PATH = "/_thaw/calls"

_FORM = "application/x-www-form-urlencoded"
_OF_TESTS = "Credential=test/"
_SERVICE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/aws4_request")
_LISTED = ("versions", "uploads", "restore", "tagging", "acl", "notification", "versioning", "location")

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Calls:
    """An application before the emulator's. GET tells the counts, DELETE forgets them."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.counts: Counter[str] = Counter()

    def every_restore_request_is_counted(self, s3: Any) -> None:
        """Also those that S3 Batch Operations make, which come by no wire."""

        def make(original: Any) -> Callable[..., Any]:
            def restore(bucket: str, key: str, body: bytes) -> Any:
                self.counts["restore requests"] += 1
                return original(bucket, key, body)

            return restore

        shapes.replace(s3, "_restore_object", "e3d6d8b2e950", make)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == PATH:
            await self._tell(scope["method"], send)
        else:
            await self._app(scope, self._counting(scope, receive), send)

    def _counting(self, scope: dict[str, Any], receive: Receive) -> Receive:
        """Counts the request; where the body names the operation, with the first part of it."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        authorization = headers.get("authorization", "")
        if not authorization or _OF_TESTS in authorization:
            return receive
        if not headers.get("content-type", "").startswith(_FORM):
            self.counts[operation(scope, headers)] += 1
            return receive
        waiting = True

        async def receive_and_count() -> dict[str, Any]:
            nonlocal waiting
            message = await receive()
            if waiting and message["type"] == "http.request":
                waiting = False
                self.counts[operation(scope, headers, message.get("body", b""))] += 1
            return message

        return receive_and_count

    async def _tell(self, method: str, send: Send) -> None:
        body = json.dumps(self.counts).encode()
        if method == "DELETE":
            self.counts.clear()
        start = {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json")],
        }
        await send(start)
        await send({"type": "http.response.body", "body": body})


def operation(scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes = b"") -> str:
    """`service:Operation`, as IAM and CloudTrail spell them."""
    found = _SERVICE.search(headers["authorization"])
    service = found[1] if found else "unknown"
    if "x-amz-target" in headers:
        return f"{service}:{headers['x-amz-target'].rpartition('.')[2]}"
    if service == "glacier":
        return f"glacier:{operation_of(scope['method'], scope['path'])}"
    if service == "s3" and scope["path"].startswith("/v20180820/"):
        return f"s3control:{_control(scope)}"
    if service == "s3":
        return f"s3:{_of_s3(scope, headers)}"
    action = parse_qs(body.decode("latin-1")).get("Action", [scope["method"]])[0]
    return f"{service}:{action}"


def _control(scope: Mapping[str, Any]) -> str:
    if scope["path"].endswith("/status"):
        return "UpdateJobStatus"
    if scope["path"].endswith("/jobs"):
        return "CreateJob" if scope["method"] == "POST" else "ListJobs"
    return "DescribeJob"


def _of_s3(scope: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    named = next((name for name in _LISTED if name in query), "")
    copied = "x-amz-copy-source" in headers
    _, _, key = scope["path"].lstrip("/").partition("/")
    match scope["method"], bool(key), "uploadId" in query:
        case "PUT", True, True:
            return "UploadPartCopy" if copied else "UploadPart"
        case "POST", True, True:
            return "CompleteMultipartUpload"
        case "GET", True, True:
            return "ListParts"
        case "DELETE", True, True:
            return "AbortMultipartUpload"
        case method, True, _:
            return _OF_OBJECTS.get((method, named), f"{method} ?{named}") if not copied else "CopyObject"
        case method, _, _:
            return _OF_BUCKETS.get((method, named), "ListObjectsV2" if not named else f"{method} ?{named}")


_OF_OBJECTS = {
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("PUT", ""): "PutObject",
    ("DELETE", ""): "DeleteObject",
    ("POST", "restore"): "RestoreObject",
    ("POST", "uploads"): "CreateMultipartUpload",
    ("GET", "tagging"): "GetObjectTagging",
    ("PUT", "tagging"): "PutObjectTagging",
    ("GET", "acl"): "GetObjectAcl",
}
_OF_BUCKETS = {
    ("HEAD", ""): "HeadBucket",
    ("POST", ""): "DeleteObjects",
    ("GET", "versions"): "ListObjectVersions",
    ("GET", "versioning"): "GetBucketVersioning",
    ("GET", "notification"): "GetBucketNotificationConfiguration",
    ("PUT", "notification"): "PutBucketNotificationConfiguration",
}
