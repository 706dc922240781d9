"""Vaults: the archives, uploads and jobs in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .archives import (
    Archive,
    Upload,
    check_description,
    check_part_bytes,
    checked_tree_hash,
    gone,
    identifier,
)
from .inventories import as_csv, as_json
from .jobs import Job
from .times import read, spelled
from .tree_hashes import tree_hash


class Place(NamedTuple):
    """An account in a Region."""

    account: str
    region: str


HOME = Place("000000000000", "us-east-1")


@dataclass
class Vault:
    """One vault of an account in a Region; `created` in seconds since 1970.

    `deleted`: archives that are gone, with the time: an inventory may be older than that.
    """

    name: str
    place: Place
    created: float
    archives: dict[str, Archive] = field(default_factory=dict[str, Archive])
    deleted: dict[str, tuple[Archive, float]] = field(default_factory=dict[str, tuple[Archive, float]])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    made: int = 0

    @property
    def arn(self) -> str:
        """As Glacier tells it."""
        return vault_arn(self.name, self.place)

    def add(
        self, body: bytes, description: str = "", created: float = 0, pretended_bytes: int = 0
    ) -> Archive:
        """Puts an archive in, as if it had been uploaded at `created`.

        `pretended_bytes`: the archive is said to be so large, and cannot be retrieved. Raises GlacierError.
        """
        check_description(description)
        hashed = checked_tree_hash(body, tree_hash(body)) if not pretended_bytes else tree_hash(b"pretended")
        size = pretended_bytes or len(body)
        archive = Archive(self.new_id(), description, created or self.created, size, hashed, body)
        self.archives[archive.archive_id] = archive
        return archive

    def delete(self, archive_id: str, now: float) -> None:
        """Takes an archive away. Raises GlacierError."""
        self.deleted[archive_id] = (self.find(archive_id), now)
        del self.archives[archive_id]

    def find(self, archive_id: str) -> Archive:
        """Raises GlacierError."""
        if archive_id not in self.archives:
            raise gone("archive", archive_id)
        return self.archives[archive_id]

    def begin_upload(self, description: str, part_bytes: str) -> Upload:
        """Raises GlacierError."""
        check_description(description)
        upload = Upload(self.new_id(short=True), description, check_part_bytes(part_bytes))
        self.uploads[upload.upload_id] = upload
        return upload

    def upload(self, upload_id: str) -> Upload:
        """Raises GlacierError."""
        if upload_id not in self.uploads:
            raise gone("upload", upload_id)
        return self.uploads[upload_id]

    def end_upload(self, upload_id: str, size: str, claimed: str, now: float) -> Archive:
        """Makes an archive of an upload's parts. Raises GlacierError."""
        upload = self.upload(upload_id)
        body = upload.whole(int(size) if size.isdecimal() else -1)
        checked_tree_hash(body, claimed)
        archive = self.add(body, upload.description, now)
        del self.uploads[upload_id]
        return archive

    def job(self, job_id: str, now: float) -> Job:
        """A job that is not too old. Raises GlacierError."""
        found = self.jobs.get(job_id)
        if found is None or now >= found.expires:
            raise gone("job", job_id)
        return found

    def listed(self, taken: float) -> list[Archive]:
        """What an inventory of that time has."""
        held = [archive for archive in self.archives.values() if archive.created <= taken]
        return held + [archive for archive, at in self.deleted.values() if archive.created <= taken < at]

    def inventory(self, request: dict[str, Any], taken: float, *, documented: bool = False) -> bytes:
        """As a job writes it; `request` is that of the job, `documented` how CSV is (see `as_csv`)."""
        given: dict[str, str] = request.get("InventoryRetrievalParameters") or {}
        chosen = _chosen(self.listed(taken), given.get("StartDate"), given.get("EndDate"))
        chosen = chosen[: int(given.get("Limit") or len(chosen))]
        if request.get("Format") == "CSV":
            return as_csv(chosen, documented=documented)
        return as_json(self.arn, taken, chosen)

    def document(self, taken: float) -> dict[str, Any]:
        """As DescribeVault tells it: figures are those of the last inventory, which is made anew when an
        archive was added or deleted."""
        listed = self.listed(taken)
        changes = [at for archive, gone in self.deleted.values() for at in (archive.created, gone)]
        changes += [archive.created for archive in self.archives.values()]
        dates = [at for at in changes if at <= taken]
        return {
            "CreationDate": spelled(self.created),
            "LastInventoryDate": spelled(max(dates)) if dates else None,
            "NumberOfArchives": len(listed),
            "SizeInBytes": sum(archive.size_bytes for archive in listed),
            "VaultARN": self.arn,
            "VaultName": self.name,
        }

    def new_id(self, *, short: bool = False) -> str:
        """The next id in this vault."""
        self.made += 1
        return identifier(f"{self.arn} {self.made}", short=short)


def vault_arn(name: str, place: Place) -> str:
    """The ARN of a vault, also of one that is not there."""
    return f"arn:aws:glacier:{place.region}:{place.account}:vaults/{name}"


def _chosen(archives: Iterable[Archive], start: str | None, end: str | None) -> list[Archive]:
    first, before = read(start) if start else 0.0, read(end) if end else float("inf")
    return [archive for archive in archives if first <= archive.created < before]
