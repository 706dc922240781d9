"""A job of Glacier, as notifications, DescribeJob and ListJobs describe it alike.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-describe-job-get.html
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, cast

from thaw.core.archives import WINDOW_HOURS
from thaw.core.errors import ThawError
from thaw.core.times import from_millis, parse, to_millis

_HOUR_MILLIS = 3_600_000
_INVENTORY = re.compile(
    r"thaw ([A-Za-z0-9._-]{1,128}) inventory(?: of ([0-9TZ:.-]{24}))?(?: for run ([0-9]{1,9}))?"
)
_VAULT = ":vaults/"


class RetrievalJobError(ThawError):
    """A document that does not describe a job of Glacier."""


class Action(StrEnum):
    """What a job retrieves."""

    ARCHIVE = "ArchiveRetrieval"
    INVENTORY = "InventoryRetrieval"


class RetrievalStatus(StrEnum):
    """How far a job is."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class RetrievalJob(NamedTuple):
    """A retrieval job; times are fixed-width ISO-8601, `completed_at` is "" before its end.

    `size_bytes` and `tree_hash` (64 lower-case digits) are those of the archive as Glacier holds it; of an
    inventory there is the size alone. `tree_hash` and `message` are "" where Glacier tells none.
    """

    job_id: str
    vault: str
    action: Action
    archive_id: str
    status: RetrievalStatus
    message: str
    description: str
    created_at: str
    completed_at: str
    size_bytes: int
    tree_hash: str
    tier: str

    @property
    def readable_until(self) -> str:
        """When its output goes; "" for a job that has none."""
        if self.status is not RetrievalStatus.SUCCEEDED:
            return ""
        return from_millis(to_millis(self.completed_at) + WINDOW_HOURS * _HOUR_MILLIS)

    @property
    def inventory_of(self) -> str:
        """The id of the job of ours whose inventory this retrieves, "" for none."""
        found = self._asked
        return found[1] if found else ""

    @property
    def inventory_run(self) -> int:
        """The run of that job, 0 for none."""
        found = self._asked
        return int(found[3] or 0) if found else 0

    @property
    def inventory_date(self) -> str:
        """Of when the inventory is, "" where this is not of ours."""
        found = self._asked
        return (found[2] or "") if found else ""

    @property
    def _asked(self) -> "re.Match[str] | None":
        return _INVENTORY.fullmatch(self.description) if self.action is Action.INVENTORY else None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "RetrievalJob":
        """The job that `document` describes. Raises RetrievalJobError."""
        try:
            return _job(document)
        except (KeyError, ValueError, TypeError, AttributeError, ThawError) as exc:
            raise RetrievalJobError(
                f"A job of Glacier cannot be read ({exc!r}): expected the document that DescribeJob answers."
            ) from exc

    @classmethod
    def from_message(cls, body: str) -> "RetrievalJob":
        """The job that a message of the vaults' queue is about, raw or in an SNS envelope.

        Raises RetrievalJobError.
        """
        document = _loaded(body)
        if document.get("Type") == "Notification" and "Message" in document:
            document = _loaded(document["Message"])
        return cls.of(document)


def inventory_description(job_id: str, run: int, inventory_date: str) -> str:
    """The JobDescription of the retrieval of the inventory of `inventory_date` (fixed-width ISO-8601, "" if
    nobody knows) for a run of a job of ours."""
    dated = f" of {inventory_date}" if inventory_date else ""
    return f"thaw {job_id} inventory{dated} for run {run}"


def _job(document: Mapping[str, Any]) -> RetrievalJob:
    action, status = Action(document["Action"]), RetrievalStatus(document["StatusCode"])
    if status is RetrievalStatus.SUCCEEDED and not document["CompletionDate"]:
        raise RetrievalJobError("Succeeded without a CompletionDate.")
    archived = action is Action.ARCHIVE
    size = document.get("ArchiveSizeInBytes" if archived else "InventorySizeInBytes")
    return RetrievalJob(
        job_id=_text(document["JobId"]),
        vault=_text(document["VaultARN"]).partition(_VAULT)[2],
        action=action,
        archive_id=_text(document["ArchiveId"]) if archived else "",
        status=status,
        message=_text(document.get("StatusMessage") or ""),
        description=_text(document.get("JobDescription") or ""),
        created_at=parse(document["CreationDate"]),
        completed_at=parse(document["CompletionDate"]) if document.get("CompletionDate") else "",
        size_bytes=int(size or 0),
        tree_hash=_text(document.get("ArchiveSHA256TreeHash") or "").lower() if archived else "",
        tier=_text(document.get("Tier") or ""),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise RetrievalJobError(f"expected text, got {value!r}"[:200])
    return value


def _loaded(body: object) -> Mapping[str, Any]:
    try:
        document = json.loads(cast("str", body))
    except (TypeError, ValueError, RecursionError) as exc:
        raise RetrievalJobError(f"A message of the vaults' queue is not JSON ({exc}).") from exc
    if not isinstance(document, dict):
        raise RetrievalJobError("A message of the vaults' queue is no JSON object.")
    return cast("Mapping[str, Any]", document)
