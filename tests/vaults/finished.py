"""A transfer at its end: tables and buckets of moto, with a plan, records, and the objects that were made."""

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import ClientError

from benchmarks.tables import JOBS, OBJECTS, ROLLUPS, create_tables, fill
from lambdas.finish_vault.handler import finisher
from lambdas.job_settings import JobSettings
from tests.lambdas.job_functions import ENVIRONMENT
from thaw.core.archive_metadata import metadata
from thaw.core.archives import VAULT_CLASS, PlannedArchive, archive_object_id, vault_bucket
from thaw.core.history import Failure, History
from thaw.core.job_requests import CopyRequest, JobRequest, Way
from thaw.core.job_states import JobState, JobStatus
from thaw.core.records import ManifestEntry, ObjectRecord
from thaw.core.tree_hash import tree_hash
from thaw.core.vault_files import excluded_file, inventory_file
from thaw.core.vault_requests import VaultRequest
from thaw.core.vault_states import Inventory, Plan, VaultState
from thaw.store.items import CHECKSUM, DESTINATION, described
from thaw.store.job_states import JobStates
from thaw.store.vault_states import VaultStates
from thaw.vaults.finishing import Finisher
from thaw.vaults.inventory_text import HEADER, csv_line
from thaw.vaults.plan_parts import write_part
from thaw.vaults.verifying import Verifier

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "eu-north-1"
VAULT, JOB = "photos", "vault-photos-1a2b3c4d"
JOBS_BUCKET, TARGET, PREFIX = "thaw-jobs", "target", "old/"
CREATED = "2012-05-15T17:19:46.700Z"
INVENTORIED = "2026-11-20T00:00:00.000Z"
COPIED_AT = "2026-11-21T08:00:00.000Z"
NOW = "2026-11-21T09:00:00.000Z"
COPIED = History("2026-11-21T01:00:00.000Z", "2026-11-21T05:00:00.000Z", copied_at=COPIED_AT)
FAILED = History(failure=Failure("2026-11-21T06:00:00.000Z", "ArchiveNotFound", "Glacier has it no more."))
REQUEST = JobRequest(
    vault_bucket(VAULT),
    "Bulk",
    way=Way.VAULT,
    vault=VaultRequest(VAULT),
    copy=CopyRequest(destination_bucket=TARGET, destination_prefix=PREFIX),
)


def content(name: str) -> bytes:
    """The bytes of the archive of this name."""
    return f"the bytes of {name}".encode() * 3


def archive(name: str, description: str = "") -> PlannedArchive:
    """The row of the plan of the archive of this name."""
    data = content(name)
    return PlannedArchive(
        f"{name}_id", PREFIX + name, len(data), CREATED, tree_hash(data).hex(), description or name
    )


def checksum(data: bytes) -> str:
    return f"SHA256:{b64encode(hashlib.sha256(data).digest()).decode()}"


@dataclass
class Described:
    """The Glacier that tells of the vault; `archives` None: there is no such vault any more."""

    archives: int | None = 0
    size_bytes: int | None = 0
    date: str | None = INVENTORIED

    def describe_vault(self, *, vaultName: str) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        assert vaultName == VAULT
        if self.archives is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "DescribeVault")
        told = {"NumberOfArchives": self.archives, "SizeInBytes": self.size_bytes}
        return {"VaultName": VAULT, "LastInventoryDate": self.date, **told}


class Transfer:
    """A transfer of `parts`, archives by name with what their records know (None: no record); within
    `mock_aws`."""

    def __init__(self, *parts: Mapping[str, History | None], excluded: Sequence[str] = ()) -> None:
        self.glacier = Described()
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        self.s3: S3Client = boto3.client("s3", region_name=REGION)
        create_tables(self.dynamodb)
        for bucket in (JOBS_BUCKET, TARGET):
            self.s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
            )
        self.states = JobStates(self.dynamodb, JOBS, lambda _: None)
        self.vaults = VaultStates(self.dynamodb, JOBS, lambda _: None)
        self.states.create(JobState(JOB, REQUEST, JobStatus.COPYING, CREATED))
        for number, part in enumerate(parts):
            write_part(self.s3, JOBS_BUCKET, JOB, number, [archive(name) for name in part])
        names = [name for part in parts for name in part]
        self._plan(parts, len(excluded))
        self.records({name: history for part in parts for name, history in part.items() if history})
        self.inventory([*names, *excluded])
        self._excluded(excluded)

    def records(self, histories: Mapping[str, History], job_id: str = JOB) -> None:
        """Records of archives; those that were copied have their objects too."""
        fill(
            self.dynamodb, OBJECTS, [self._item(name, history, job_id) for name, history in histories.items()]
        )
        for name, history in histories.items():
            if history.copied_at:
                self.put(name)

    def put(self, name: str, data: bytes | None = None, *, of: str = "") -> None:
        """The object of an archive, as a transfer writes it; of other bytes, or with another's metadata."""
        self.s3.put_object(
            Bucket=TARGET,
            Key=PREFIX + name,
            Body=content(name) if data is None else data,
            Metadata=metadata(VAULT, archive(of or name)),
            ChecksumAlgorithm="SHA256",
        )

    def finisher(self) -> Finisher:
        settings = JobSettings.from_environment(
            {
                **ENVIRONMENT,
                "OBJECTS_TABLE": OBJECTS,
                "ROLLUPS_TABLE": ROLLUPS,
                "JOBS_TABLE": JOBS,
                "JOBS_BUCKET": JOBS_BUCKET,
            }
        )
        return replace(finisher(settings, self.dynamodb, self.s3), now=lambda: NOW)

    def finish(self) -> None:
        """What the state machine does."""
        found = self.finisher()
        listed = self.s3.list_objects_v2(Bucket=JOBS_BUCKET, Prefix=f"jobs/{JOB}/vault/plan/")
        for each in listed.get("Contents", ()):
            found.write_part(JOB, each.get("Key", ""))
        found.close(JOB)

    def verifier(self, *, read: bool = False) -> Verifier:
        glacier = cast("Any", self.glacier)
        return Verifier(self.s3, JOBS_BUCKET, self.s3, glacier, read=read, threads=2, memory_bytes=10**8)

    def inventory(self, names: Iterable[str], *more: str) -> bytes:
        """Writes the job's inventory, as Glacier does, with further lines; returns it."""
        listed = [archive(name) for name in names]
        self.glacier.archives, self.glacier.size_bytes = len(listed), sum(row.size_bytes for row in listed)
        rows = [_inventory_row(each) for each in listed]
        text = "\n".join((HEADER, *map(csv_line, rows), *more, "")).encode()
        self.s3.put_object(Bucket=JOBS_BUCKET, Key=inventory_file(JOB, "csv"), Body=text)
        return text

    def _plan(self, parts: Sequence[Mapping[str, History | None]], excluded: int) -> None:
        sizes = [archive(name).size_bytes for part in parts for name in part]
        self.vaults.create(
            VaultState(
                JOB,
                inventory=Inventory(key=inventory_file(JOB, "csv"), inventory_date=INVENTORIED, checked=True),
                plan=Plan(len(parts), len(sizes), sum(sizes), excluded, 0, 0),
            )
        )

    def _excluded(self, names: Sequence[str]) -> None:
        lines = [f"{archive(name).archive_id},FilteredByName,1,{CREATED},,{name}," for name in names]
        text = "\n".join(("archive_id,reason,size_bytes,created_at,key,description,row", *lines, ""))
        self.s3.put_object(Bucket=JOBS_BUCKET, Key=excluded_file(JOB), Body=gzip.compress(text.encode()))

    def _item(self, name: str, history: History, job_id: str) -> dict[str, Any]:
        planned = archive(name)
        entry = ManifestEntry(
            job_id, vault_bucket(VAULT), planned.archive_id, planned.size_bytes, VAULT_CLASS, "Bulk"
        )
        record = ObjectRecord(archive_object_id(VAULT, planned.archive_id), entry, history, 1)
        extras = {DESTINATION: f"s3://{TARGET}/{planned.key}", CHECKSUM: checksum(content(name))}
        return {
            **described(record),
            **({each: {"S": text} for each, text in extras.items()} if history.copied_at else {}),
        }


def _inventory_row(planned: PlannedArchive) -> dict[str, Any]:
    return {
        "ArchiveId": planned.archive_id,
        "ArchiveDescription": planned.description,
        "CreationDate": planned.created_at,
        "Size": planned.size_bytes,
        "SHA256TreeHash": planned.sha256_tree_hash,
    }
