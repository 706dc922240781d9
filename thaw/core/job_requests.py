"""What somebody asks for: objects of one bucket restored and, if wanted, copied."""

from dataclasses import dataclass
from enum import StrEnum

from thaw.core.vault_requests import VaultRequest


class Way(StrEnum):
    """How restores are requested."""

    BATCH_OPERATIONS = "batch_operations"
    REQUESTS = "requests"
    """One RestoreObject an object, by our own functions."""
    VAULT = "vault"
    """One retrieval job of Glacier an archive, by our own functions."""


@dataclass(frozen=True)
class Selection:
    """Objects chosen by listing the bucket. Times are fixed-width ISO-8601, "" for no bound; `modified_from`
    and both sizes are included, `modified_before` is not. Empty `storage_classes`: the archived ones."""

    prefix: str = ""
    storage_classes: tuple[str, ...] = ()
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    modified_from: str = ""
    modified_before: str = ""


@dataclass(frozen=True)
class CopyRequest:
    """What is made of each restored object.

    `destination_bucket` "" is the source's own: a copy in place. The destination's key is
    `destination_prefix` before the source's key. `storage_class` as S3 spells it. `keep_...` say what of
    the source the copy has too; `delete_source` removes the source version after a checked copy elsewhere.
    """

    storage_class: str = "STANDARD"
    destination_bucket: str = ""
    destination_prefix: str = ""
    keep_metadata: bool = True
    keep_tags: bool = True
    keep_acl: bool = False
    keep_encryption: bool = True
    delete_source: bool = False


@dataclass(frozen=True)
class JobRequest:
    """One job as asked for. Exactly one of `manifest` (s3:// URI of a Batch Operations CSV or of an S3
    Inventory's manifest.json), `selection` and `vault` is set; for a vault `bucket` is what its records have
    (`thaw.core.archives.vault_bucket`), `way` is VAULT, and there is a `copy`.

    `tier` is Expedited, Standard or Bulk (as in records). `expiration_days` is None only for objects in
    archive tiers of S3 Intelligent-Tiering. `timeout_hours` and `max_uncopied_bytes` None: the stack's.
    """

    bucket: str
    tier: str
    way: Way = Way.BATCH_OPERATIONS
    manifest: str = ""
    selection: Selection | None = None
    vault: VaultRequest | None = None
    expiration_days: int | None = None
    copy: CopyRequest | None = None
    client_tag: str = ""
    idempotency_key: str = ""
    dry_run: bool = False
    timeout_hours: int | None = None
    max_uncopied_bytes: int | None = None

    @property
    def copies_in_place(self) -> bool:
        """Whether each copy takes the place of its source."""
        copy = self.copy
        return (
            copy is not None and copy.destination_bucket in ("", self.bucket) and not copy.destination_prefix
        )
