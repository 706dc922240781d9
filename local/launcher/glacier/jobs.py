"""Retrieval jobs: what may be asked for, and how Glacier tells them.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-initiate-job-post.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .archives import Archive, check_description
from .errors import invalid, missing
from .times import spelled
from .tree_hashes import is_megabyte_aligned, is_tree_hash_aligned, tree_hash

IN_PROGRESS, SUCCEEDED, FAILED = "InProgress", "Succeeded", "Failed"
TYPES = {"archive-retrieval": "ArchiveRetrieval", "inventory-retrieval": "InventoryRetrieval"}
TIERS = ("Standard", "Bulk", "Expedited")


@dataclass
class Job:
    """One job. Times are seconds since 1970; `completes` and `expires` are known from the beginning.

    `request` is the body of InitiateJob; `archive` is None and `output` an inventory for an inventory job.
    """

    job_id: str
    vault: str
    vault_arn: str
    request: Mapping[str, Any]
    created: float
    completes: float
    expires: float
    archive: Archive | None = None
    output: bytes = field(default=b"", repr=False)
    status: str = IN_PROGRESS
    message: str | None = None
    fails: str = ""
    notices: int = 1

    @property
    def subject(self) -> str:
        """What faults know it by."""
        return self.archive.archive_id if self.archive else "inventory"

    @property
    def first(self) -> int:
        """Where in the archive its output begins."""
        return byte_range(self.request.get("RetrievalByteRange") or "0-0")[0]

    @property
    def body(self) -> bytes:
        """All of its output."""
        if self.archive is None:
            return self.output
        given = self.request.get("RetrievalByteRange")
        if not given:
            return self.archive.body
        first, last = byte_range(given)
        return self.archive.body[first : last + 1]

    def tree_hash_of(self, first: int, last: int) -> str | None:
        """The tree hash of a range of its output, where Glacier tells one."""
        if self.archive is None:
            return None
        size, start = self.archive.size_bytes, self.first
        ranges = ((start, start + len(self.body) - 1), (start + first, start + last))
        if not all(is_tree_hash_aligned(*each, size) for each in ranges):
            return None
        if last - first + 1 == size:
            return self.archive.sha256_tree_hash
        return tree_hash(self.body[first : last + 1])

    @property
    def document(self) -> dict[str, Any]:
        """As DescribeJob, ListJobs and the notification tell it."""
        done, archive = self.status != IN_PROGRESS, self.archive
        told: dict[str, Any] = {
            "Action": TYPES[self.request["Type"]],
            "ArchiveId": None,
            "ArchiveSHA256TreeHash": None,
            "ArchiveSizeInBytes": None,
            "Completed": done,
            "CompletionDate": spelled(self.completes) if done else None,
            "CreationDate": spelled(self.created),
            "InventoryRetrievalParameters": None,
            "InventorySizeInBytes": None,
            "JobDescription": self.request.get("Description"),
            "JobId": self.job_id,
            "RetrievalByteRange": None,
            "SHA256TreeHash": None,
            "SNSTopic": self.request.get("SNSTopic"),
            "StatusCode": self.status,
            "StatusMessage": self.message,
            "VaultARN": self.vault_arn,
        }
        return told | (self._of_inventory() if archive is None else self._of_archive(archive))

    def _of_archive(self, archive: Archive) -> dict[str, Any]:
        given = self.request.get("RetrievalByteRange") or f"0-{archive.size_bytes - 1}"
        first, last = byte_range(given)
        whole = last - first + 1 == archive.size_bytes
        hashed = archive.sha256_tree_hash if whole else self.tree_hash_of(0, last - first)
        return {
            "ArchiveId": archive.archive_id,
            "ArchiveSHA256TreeHash": archive.sha256_tree_hash,
            "ArchiveSizeInBytes": archive.size_bytes,
            "RetrievalByteRange": given,
            "SHA256TreeHash": None if whole and self.status == IN_PROGRESS else hashed,
            "Tier": self.request.get("Tier") or "Standard",
        }

    def _of_inventory(self) -> dict[str, Any]:
        given: Mapping[str, Any] = self.request.get("InventoryRetrievalParameters") or {}
        told = {name: given.get(name) for name in ("StartDate", "EndDate", "Limit", "Marker")}
        return {
            "InventorySizeInBytes": len(self.output) if self.status == SUCCEEDED else None,
            "InventoryRetrievalParameters": {"Format": self.request.get("Format") or "JSON", **told},
        }


def check_request(request: Mapping[str, Any]) -> None:
    """What can be said without the vault. Raises GlacierError."""
    if request.get("Type") not in TYPES:
        raise invalid(f"Invalid job type: {request.get('Type')}")
    if request.get("Tier") not in (None, *TIERS):
        raise invalid(f"Invalid tier: {request.get('Tier')}")
    if request.get("Format") not in (None, "CSV", "JSON"):
        raise invalid(f"Invalid format: {request.get('Format')}")
    check_description(request.get("Description") or "")
    topic = request.get("SNSTopic") or ""
    if topic and not topic.startswith("arn:aws:sns:"):
        raise invalid(f"Invalid SNS topic: {topic}")
    if request["Type"] == "archive-retrieval" and not request.get("ArchiveId"):
        raise missing("Required parameter missing: ArchiveId")


def check_range(request: Mapping[str, Any], size_bytes: int) -> None:
    """The range of an archive that is asked for. Raises GlacierError."""
    given = request.get("RetrievalByteRange")
    if not given:
        return
    first, last = byte_range(given)
    if last >= size_bytes or not is_megabyte_aligned(first, last, size_bytes):
        raise invalid(f"Invalid byte range: {given}")


def byte_range(text: str) -> tuple[int, int]:
    """`0-1048575` as the first and the last byte. Raises GlacierError."""
    first, _, last = text.partition("-")
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise invalid(f"Invalid byte range: {text}")
    return int(first), int(last)
