"""Puts the demo's archives into a vault: most as if they had come over the years, the large ones uploaded."""

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.demo.vault_archives import VaultArchive
from local.emulator import Emulator
from local.errors import DemoError
from thaw.core.times import to_iso
from thaw.core.tree_hash import tree_hash

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

VAULT = "thaw-demo-vault"

_PART_BYTES = 16 * 1024 * 1024
_AT_ONCE = 50


def fill(emulator: Emulator, archives: Sequence[VaultArchive]) -> Mapping[str, VaultArchive]:
    """Makes the vault; the archives by the ids that Glacier gave them."""
    glacier = emulator.client("glacier")
    glacier.create_vault(vaultName=VAULT)
    old = [one for one in archives if len(one.body) <= _PART_BYTES]
    found: dict[str, VaultArchive] = {}
    for start in range(0, len(old), _AT_ONCE):
        some = old[start : start + _AT_ONCE]
        ids: list[str] = emulator.control_glacier(archives=[*map(_document, some)])["archive_ids"]
        found.update(zip(ids, some, strict=True))
    found.update((_upload(glacier, one), one) for one in archives if len(one.body) > _PART_BYTES)
    return found


def refusal_of_nothing(glacier: "GlacierClient") -> str:
    """What Glacier says to an archive of no bytes. Raises DemoError if it takes it."""
    try:
        glacier.upload_archive(vaultName=VAULT, body=b"")
    except ClientError as exc:
        return str(exc)
    raise DemoError("Glacier took an archive of no bytes.")


def _document(one: VaultArchive) -> dict[str, Any]:
    return {
        "vault": VAULT,
        "body": base64.b64encode(one.body).decode(),
        "description": one.description,
        "created": to_iso(one.created),
        "pretended_bytes": one.pretended_bytes,
    }


def _upload(glacier: "GlacierClient", one: VaultArchive) -> str:
    """In parts, as everybody uploads a large archive; its id."""
    upload_id = glacier.initiate_multipart_upload(
        vaultName=VAULT, archiveDescription=one.description, partSize=str(_PART_BYTES)
    )["uploadId"]
    for start in range(0, len(one.body), _PART_BYTES):
        piece = one.body[start : start + _PART_BYTES]
        glacier.upload_multipart_part(
            vaultName=VAULT,
            uploadId=upload_id,
            range=f"bytes {start}-{start + len(piece) - 1}/*",
            checksum=tree_hash(piece).hex(),
            body=piece,
        )
    return glacier.complete_multipart_upload(
        vaultName=VAULT,
        uploadId=upload_id,
        archiveSize=str(len(one.body)),
        checksum=tree_hash(one.body).hex(),
    )["archiveId"]
