"""One archive on its way to its object: which, of which vault, for which job, and where it lands."""

from typing import Any, NamedTuple

from thaw.core.archive_metadata import metadata
from thaw.core.archives import PlannedArchive
from thaw.vaults.existing import Found, already_there, settled
from thaw.vaults.landings import Landing


class Shipment(NamedTuple):
    """An archive of the plan of a job, and its place in S3."""

    job_id: str
    vault: str
    archive: PlannedArchive
    landing: Landing

    def request(self) -> dict[str, Any]:
        """What every request has that makes the object."""
        landing = self.landing
        request: dict[str, Any] = {
            **landing.named,
            "StorageClass": landing.storage_class,
            "Metadata": metadata(self.vault, self.archive),
        }
        if landing.foreign:
            request["ACL"] = "bucket-owner-full-control"
        return request

    def found(self, checksum: str = "") -> Found | None:
        """The object, if it is there already; see `already_there`."""
        return already_there(self.landing, self.vault, self.archive, checksum)

    def settled(self, checksum: str) -> Found | None:
        """The same once the archive was sent, and something is at its key; see `existing.settled`."""
        return settled(self.landing, self.vault, self.archive, checksum)
