"""What a stack lets a vault transfer ask for, and what cannot be meant: said before anything is begun."""

import re

from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_requests import CopyRequest, JobRequest
from thaw.core.job_rules import Destination, JobRules
from thaw.core.vault_requests import VaultRequest

MAX_PREFIX_BYTES = 512
"""Half of what a key may have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html): the
names of archives need the rest."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_vault_request(request: JobRequest, rules: JobRules, jobs_bucket: str) -> None:
    """Raises JobRefusedError (422) for a `request` that `rules` do not allow or that contradicts itself.

    Files may be in the `jobs_bucket` too, where a dry run leaves its plan.
    """
    vault, copy = request.vault, request.copy
    if vault is None or copy is None:
        raise JobRefusedError(f"A job of {request.bucket} needs a vault and a copy: it is no transfer.")
    if vault.vault not in rules.vaults:
        raise JobRefusedError(
            f"Vault {vault.vault} is not among the stack's vaults, and no other is transferred."
        )
    _check_bounds(vault)
    _check_plan(vault)
    _check_prefix(copy.destination_prefix)
    _check_destination(copy, vault, rules)
    for uri in filter(None, (vault.names, vault.inventory, vault.plan)):
        _check_file(uri, {*rules.manifest_buckets, *rules.restore_buckets, jobs_bucket})


def _check_bounds(vault: VaultRequest) -> None:
    low, high = vault.min_size_bytes, vault.max_size_bytes
    if low is not None and high is not None and low > high:
        raise JobRefusedError(f"No archive has {low} bytes or more and {high} or fewer: swap the two sizes.")
    begin, end = vault.created_from, vault.created_before
    if begin and end and begin >= end:
        raise JobRefusedError(f"No archive is created from {begin} on and before {end}: swap the two times.")


def _check_plan(vault: VaultRequest) -> None:
    """A plan says which archives, and how they are named: nothing is left to choose or to name."""
    if not vault.plan:
        return
    chosen = {
        "names": vault.names,
        "inventory": vault.inventory,
        "created_from": vault.created_from,
        "created_before": vault.created_before,
        "min_size_bytes": vault.min_size_bytes,
        "max_size_bytes": vault.max_size_bytes,
        "name_pattern": vault.name_pattern,
    }
    for name, value in chosen.items():
        if value not in ("", None):
            raise JobRefusedError(f"A plan is used as it is: leave out {name}, or let a new plan be made.")


def _check_prefix(prefix: str) -> None:
    size = len(prefix.encode())
    if size > MAX_PREFIX_BYTES:
        raise JobRefusedError(
            f"destination_prefix has {size} bytes with its / at the end; it may have {MAX_PREFIX_BYTES},"
            " since the names of archives come behind it."
        )
    segments = prefix.split("/")
    if prefix.startswith("/") or "." in segments or ".." in segments or _CONTROL.search(prefix):
        raise JobRefusedError(
            f"destination_prefix is {prefix!r}; it must neither begin with / nor have a segment . or .. or a"
            " control character, which many programs cannot read back."
        )


def _check_destination(copy: CopyRequest, vault: VaultRequest, rules: JobRules) -> None:
    bucket, prefix = copy.destination_bucket, copy.destination_prefix
    found = destination_of(copy, rules)
    if found is None:
        raise JobRefusedError(
            f"Archives may not go to {bucket}/{prefix}: the stack's copy_destinations do not cover it."
        )
    if found.region not in ("", rules.region) and not vault.cross_region:
        raise JobRefusedError(
            f"Bucket {bucket} is in {found.region} and the vault in {rules.region}, which is billed as"
            " transfer between Regions: choose another bucket, or say cross_region."
        )
    if found.account and vault.bucket_owner not in ("", found.account):
        raise JobRefusedError(
            f"bucket_owner is {vault.bucket_owner}, and the stack's copy_destinations say that another"
            f" account owns bucket {bucket}: leave it out, or correct one of the two."
        )


def destination_of(copy: CopyRequest, rules: JobRules) -> Destination | None:
    """What the rules say of the place that all archives go to; None where they do not cover it."""
    for each in rules.copy_destinations:
        if each.bucket == copy.destination_bucket and copy.destination_prefix.startswith(each.prefix):
            return each
    return None


def _check_file(uri: str, buckets: set[str]) -> None:
    bucket = uri.split("/", 3)[2]
    if bucket not in buckets:
        raise JobRefusedError(
            f"{uri} is not read: the stack's manifest_buckets and restore_buckets name the buckets that hold"
            " such files, besides its own for jobs."
        )
