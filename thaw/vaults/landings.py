"""Where an archive lands: the place in S3 that its job and the stack's rules give it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from thaw.copying.clients import Clients
from thaw.core.copy_plan import CopyRefusedError, place_of
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import JobRules
from thaw.vaults.errors import ArchiveRefusedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Landing(NamedTuple):
    """`client` is of the bucket's Region, `owner` the account that must own it (`foreign`: not ours)."""

    client: "S3Client"
    bucket: str
    key: str
    owner: str
    foreign: bool
    storage_class: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def named(self) -> dict[str, str]:
        """As requests name it."""
        return {"Bucket": self.bucket, "Key": self.key, "ExpectedBucketOwner": self.owner}


@dataclass(frozen=True)
class Landings:
    """Finds places under the stack's rules. `account` is the stack's."""

    clients: Clients
    rules: JobRules
    account: str

    def of(self, request: JobRequest, key: str) -> Landing:
        """Where the archive goes that the plan gives this (whole) key.

        Raises ArchiveRefusedError where the rules do not let it.
        """
        copy = request.copy or CopyRequest()
        try:
            place = place_of(self.rules, replace(copy, destination_prefix=""), "", key)
        except CopyRefusedError as exc:
            raise ArchiveRefusedError(exc.code, str(exc)) from exc
        asked = request.vault.bucket_owner if request.vault else ""
        owner = asked or place.account or self.account
        client = self.clients(place.region)
        return Landing(client, place.bucket, key, owner, owner != self.account, copy.storage_class)
