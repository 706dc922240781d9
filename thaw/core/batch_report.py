"""The completion report of S3 Batch Operations: which parts it has, and what each row says of an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from thaw.core.errors import BatchReportError, KeySpellingError
from thaw.core.events import MAX_ERROR_TEXT
from thaw.core.history import Failure, History, Observation, Status
from thaw.core.keys import NO_VERSION, ObjectId, Spelling, decode_key, object_path, version
from thaw.core.targets import Target

FORMAT = "Report_CSV_20180820"

ALREADY_REQUESTED = "RestoreAlreadyInProgress"
"""The refusal that says the object is being restored already: what was wanted.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html"""

_SUCCEEDED = "succeeded"
_FAILED = "failed"
_COLUMNS = 7
_HTTP_STATUS_DIGITS = 3


class Verdict(Enum):
    """What became of the request for one object."""

    REQUESTED = "requested"
    ALREADY_REQUESTED = "already requested"
    REFUSED = "refused"


class ReportPart(NamedTuple):
    """One CSV file of a report; `md5` is hexadecimal."""

    bucket: str
    key: str
    md5: str


class ReportRow(NamedTuple):
    """One task: the object version, and S3's error code and message where it failed."""

    object_id: ObjectId
    verdict: Verdict
    error_code: str
    error_message: str

    @property
    def target(self) -> Target:
        """Where the object's record is."""
        unversioned = ObjectId(self.object_id.object_path, NO_VERSION)
        return Target(tuple(dict.fromkeys((self.object_id, unversioned))))

    def news(self, requested_at: str) -> History:
        """What the row says of the object, whose restore was requested at or after `requested_at`
        (fixed-width ISO-8601); when a restore that was under way already had been requested, nobody knows."""
        if self.verdict is Verdict.REQUESTED:
            return History(restore_requested_at=requested_at)
        return refusal(self.error_code, self.error_message, requested_at)


def refusal(error_code: str, error_message: str, at: str) -> History:
    """What S3's refusal of a restore says of the object: it failed, unless it is being restored already."""
    if error_code == ALREADY_REQUESTED:
        return History(observation=Observation(at, Status.RESTORING))
    return History(failure=Failure(at, error_code[:MAX_ERROR_TEXT], error_message[:MAX_ERROR_TEXT]))


def parse_report_manifest(text: str) -> list[ReportPart]:
    """The parts that a report's manifest.json lists. Raises BatchReportError."""
    try:
        document: Mapping[str, Any] = json.loads(text)
        form, results = document["Format"], document["Results"]
        parts = [ReportPart(part["Bucket"], part["Key"], part["MD5Checksum"]) for part in results]
    except (ValueError, KeyError, TypeError) as exc:
        raise BatchReportError(
            f"The completion report's manifest.json cannot be read ({exc!r}): is it of S3 Batch Operations?"
        ) from exc
    if form != FORMAT:
        raise BatchReportError(f"The completion report has the format {form!r}; Thaw reads {FORMAT}.")
    return parts


def parse_report_row(fields: Sequence[str]) -> ReportRow:
    """One CSV record, as a reader of RFC 4180 gives it. Raises BatchReportError.

    The report's schema names the error code before the HTTP status; its rows have them the other way
    round. Which is which shows in the text.
    """
    if len(fields) != _COLUMNS:
        raise BatchReportError(
            f"A row of the completion report has {len(fields)} fields, not {_COLUMNS}: {','.join(fields)!r}."
        )
    bucket, key, version_id, status, one, other, message = fields
    code = other if _is_http_status(one) else one
    if status not in (_SUCCEEDED, _FAILED):
        raise BatchReportError(
            f"A row of the completion report has the status {status!r}, neither {_SUCCEEDED} nor {_FAILED}."
        )
    return ReportRow(_object_id(bucket, key, version_id), _verdict(status, code), code, message)


def _object_id(bucket: str, key: str, version_id: str) -> ObjectId:
    try:
        path = object_path(bucket, decode_key(key, Spelling.BATCH_OPERATIONS))
    except KeySpellingError as exc:
        raise BatchReportError(f"A row of the completion report names no object: {exc}") from exc
    return ObjectId(path, version(version_id))


def _is_http_status(text: str) -> bool:
    return len(text) == _HTTP_STATUS_DIGITS and text.isdecimal()


def _verdict(status: str, error_code: str) -> Verdict:
    if status == _SUCCEEDED:
        return Verdict.REQUESTED
    return Verdict.ALREADY_REQUESTED if error_code == ALREADY_REQUESTED else Verdict.REFUSED
