"""Whether a transfer can be done as it is asked for: looked up before anything is asked of Glacier."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.core.job_request_errors import CONFLICT, NOT_FOUND, JobRefusedError
from thaw.core.job_requests import JobRequest
from thaw.core.job_rules import JobRules
from thaw.core.vault_request_rules import check_vault_request
from thaw.core.vault_requests import VaultRequest
from thaw.manifests.s3 import download, parse_uri
from thaw.store.error_codes import error_code
from thaw.vaults.errors import ArchiveRefusedError, PlanRefusedError
from thaw.vaults.landings import Landing, Landings
from thaw.vaults.last_inventories import last_inventory
from thaw.vaults.plan_database import plan_database

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client

_NAMES_MEMORY_BYTES = 500 * 10**6
_KMS = ("aws:kms", "aws:kms:dsse")
_MISSING = frozenset(("404", "NoSuchBucket", "NoSuchKey", "NotFound"))
_REFUSED = frozenset(("403", "AccessDenied", "AccessDeniedException"))
_ELSEWHERE = frozenset(("301", "PermanentRedirect"))
_UNENCRYPTED = "ServerSideEncryptionConfigurationNotFoundError"


@dataclass(frozen=True)
class Validation:
    """Looks at what a request names. `s3` is a client of the stack's Region."""

    glacier: "GlacierClient"
    s3: "S3Client"
    landings: Landings
    rules: JobRules
    jobs_bucket: str

    def check(self, request: JobRequest) -> None:
        """Raises JobRefusedError for a request that cannot be fulfilled, and ClientError."""
        check_vault_request(request, self.rules, self.jobs_bucket)
        vault, copy = request.vault, request.copy
        if vault is None or copy is None:
            return
        self._check_vault(vault)
        try:
            landing = self.landings.of(request, f"{copy.destination_prefix}-")
        except ArchiveRefusedError as exc:
            raise JobRefusedError(str(exc)) from exc
        self._check_bucket(landing, vault)
        self._check_key(landing)
        for uri in filter(None, (vault.names, vault.inventory, vault.plan)):
            self._check_file(uri)
        if vault.names:
            self._check_names(vault.names)

    def _check_vault(self, vault: VaultRequest) -> None:
        try:
            known = last_inventory(self.glacier, vault.vault)
        except ClientError as exc:
            code = error_code(exc)
            if code not in _REFUSED:
                raise
            raise JobRefusedError(
                f"Glacier does not let us look at vault {vault.vault} ({code}): allow it in the vault's"
                " policy."
            ) from exc
        if known is None:
            raise JobRefusedError(
                f"There is no vault {vault.vault} in {self.rules.region} in this account.", NOT_FOUND
            )
        if not (known.date or vault.inventory or vault.plan):
            raise JobRefusedError(
                f"Glacier has made no inventory of vault {vault.vault} yet, which it does about a day after"
                " the first archive was uploaded: wait for it, or is the vault empty?",
                CONFLICT,
            )

    def _check_bucket(self, landing: Landing, vault: VaultRequest) -> None:
        name = landing.bucket
        try:
            answer = landing.client.head_bucket(Bucket=name, ExpectedBucketOwner=landing.owner)
        except ClientError as exc:
            raise _explained(exc, landing) from exc
        region = answer.get("BucketRegion") or self.rules.region
        if region != self.rules.region and not vault.cross_region:
            raise JobRefusedError(
                f"Bucket {name} is in {region} and the vault in {self.rules.region}, which is billed as"
                " transfer between Regions: choose another bucket, or say cross_region."
            )

    def _check_key(self, landing: Landing) -> None:
        """A default key that we may not use would fail each upload."""
        key = self._default_key(landing)
        known = self.rules.kms_key_arns
        if key and not any(key == arn or arn.endswith(f":key/{key}") for arn in known):
            raise JobRefusedError(
                f"Bucket {landing.bucket} encrypts with the key {key}, which is not among the stack's"
                " kms_key_arns: add its ARN, and name the key by it in the bucket's default encryption."
            )

    def _default_key(self, landing: Landing) -> str:
        """ "" where the bucket has none of its own, or is another account's, which may keep it to itself."""
        try:
            answer = landing.client.get_bucket_encryption(
                Bucket=landing.bucket, ExpectedBucketOwner=landing.owner
            )
        except ClientError as exc:
            code = error_code(exc)
            if code == _UNENCRYPTED or (landing.foreign and code in _REFUSED):
                return ""
            raise
        for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule.get("ApplyServerSideEncryptionByDefault")
            if default and default["SSEAlgorithm"] in _KMS:
                return default.get("KMSMasterKeyID", "")
        return ""

    def _check_file(self, uri: str) -> None:
        place = parse_uri(uri)
        try:
            self.s3.head_object(Bucket=place.bucket, Key=place.key)
        except ClientError as exc:
            code = error_code(exc)
            if code in _MISSING:
                raise JobRefusedError(f"There is no {uri}.", NOT_FOUND) from exc
            if code in _REFUSED:
                raise JobRefusedError(f"{uri} cannot be read ({code}): allow the stack to read it.") from exc
            raise

    def _check_names(self, uri: str) -> None:
        """All of them: a plan is made hours later, when there is an inventory."""
        with tempfile.TemporaryDirectory(prefix="thaw-names-") as work:
            folder = Path(work)
            download(self.s3, parse_uri(uri), folder / "names")
            try:
                with plan_database(folder, _NAMES_MEMORY_BYTES) as database:
                    database.take_names(folder / "names")
            except PlanRefusedError as exc:
                raise JobRefusedError(f"{uri} is no CSV of archive ids and names: {exc}") from exc


def _explained(exc: ClientError, landing: Landing) -> Exception:
    code, name = error_code(exc), landing.bucket
    if code in _MISSING:
        return JobRefusedError(f"There is no bucket {name}.", NOT_FOUND)
    if code in _REFUSED:
        return JobRefusedError(
            f"Bucket {name} is not account {landing.owner}'s, or does not let us write into it: correct the"
            " bucket or bucket_owner, or its policy."
        )
    if code in _ELSEWHERE:
        return JobRefusedError(
            f"Bucket {name} is in another Region than the stack's copy_destinations say: correct it there."
        )
    return exc
