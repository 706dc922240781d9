"""Mends of what the emulator's S3 tells of archived objects, and of copying them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import shapes
import versions
from shapes import REQUEST

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def listings_show_the_restore_status_when_asked(s3: Any) -> None:
    """`x-amz-optional-object-attributes: RestoreStatus` is not known.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html
    """
    for name, digest in (
        ("_list_objects_v1", "84cbe6d3bfc5"),
        ("_list_objects_v2", "56ce5963d1e0"),
        ("_list_object_versions", "2a656b63124a"),
    ):
        shapes.replace(s3, name, digest, lambda original: _with_restore_status(s3, original))


def archived_objects_are_not_copied(s3: Any) -> None:
    """CopyObject and UploadPartCopy read an archived source that was never restored."""

    def refusal(headers: Any) -> Any:
        path, _, query = headers.get("x-amz-copy-source", "").lstrip("/").partition("?")
        bucket, _, key = unquote(path).partition("/")
        version_id = query.removeprefix("versionId=")
        record = versions.find(s3, bucket, key, version_id)
        if record is None or record.get("storage_class") not in s3._ARCHIVE_STORAGE_CLASSES:
            return None
        if s3._sync_restore(bucket, key, record) == "restored":
            return None
        message = "Operation is not valid for the source object's storage class"
        return s3._error("InvalidObjectState", message, 403, f"/{bucket}/{key}")

    def make_copy(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, headers: Any) -> Any:
            return refusal(headers) or original(bucket, key, headers)

        return copy

    def make_part(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, query: Any, headers: Any) -> Any:
            return refusal(headers) or original(bucket, key, query, headers)

        return copy

    shapes.replace(s3, "_copy_object", "ce47e73298be", make_copy)
    shapes.replace(s3, "_upload_part_copy", "890950db69f2", make_part)


def copies_are_standard_unless_told_otherwise(s3: Any) -> None:
    """CopyObject keeps the source's storage class where AWS takes STANDARD.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, x-amz-storage-class.
    """

    def make(original: Any) -> Callable[..., Any]:
        def copy(bucket: str, key: str, headers: Any) -> Any:
            return original(bucket, key, {"x-amz-storage-class": "STANDARD", **headers})

        return copy

    shapes.replace(s3, "_copy_object", "ce47e73298be", make)


def _with_restore_status(s3: Any, original: Any) -> Callable[..., Any]:
    def listing(bucket: str, query: Any) -> Any:
        status, headers, body = original(bucket, query)
        asked, _query = REQUEST.get()
        wanted = asked.get("x-amz-optional-object-attributes", "")
        if status != 200 or "RestoreStatus" not in wanted:
            return status, headers, body
        return status, headers, _add_restore_status(s3, bucket, body)

    return listing


def _add_restore_status(s3: Any, bucket: str, body: bytes) -> bytes:
    root = ElementTree.fromstring(body)  # noqa: S314 the emulator's own answer
    encoded = root.findtext(_tag("EncodingType")) == "url"
    for element in [*root.iter(_tag("Contents")), *root.iter(_tag("Version"))]:
        key = element.findtext(_tag("Key"), "")
        version_id = element.findtext(_tag("VersionId"))
        record = versions.find(s3, bucket, unquote(key) if encoded else key, version_id)
        _describe((record or {}).get("restore"), element)
    ElementTree.register_namespace("", _NAMESPACE)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _describe(restore: dict[str, Any] | None, element: ElementTree.Element) -> None:
    now = time.time()
    if restore is None or restore["expires_at"] <= now:
        return
    in_progress = restore["available_at"] > now
    status = ElementTree.SubElement(element, _tag("RestoreStatus"))
    ElementTree.SubElement(status, _tag("IsRestoreInProgress")).text = str(in_progress).lower()
    if not in_progress:
        expiry = datetime.fromtimestamp(restore["expires_at"], UTC)
        text = expiry.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        ElementTree.SubElement(status, _tag("RestoreExpiryDate")).text = text


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
