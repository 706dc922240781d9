"""Sends an archive that fits one request to S3, with its metadata and its SHA-256, where nothing is.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from collections.abc import Mapping
from typing import IO, Any, cast

from botocore.exceptions import ClientError

from thaw.core.archive_parts import Part
from thaw.store.error_codes import error_code
from thaw.vaults import checksums
from thaw.vaults.errors import ObjectDiffersError, OutputDiffersError
from thaw.vaults.existing import Found
from thaw.vaults.retrieving import Output, read_part
from thaw.vaults.shipments import Shipment
from thaw.vaults.spools import spool

EXISTS = "PreconditionFailed"
"""What S3 answers to a request that makes an object only where none is."""


def send_archive(output: Output, shipment: Shipment) -> Found:
    """Reads the archive, checks it and puts it; finds it where it was put before.

    Raises OutputGoneError, OutputDiffersError, ArchiveRefusedError (ObjectConflict), ObjectDiffersError,
    ClientError, BotoCoreError.
    """
    archive = shipment.archive
    with spool(archive.size_bytes) as held:
        hashes = read_part(output, Part(1, 0, archive.size_bytes - 1), held.write)
        if hashes.tree.hex() != archive.sha256_tree_hash:
            raise OutputDiffersError(
                f"Archive {archive.archive_id} came with the tree hash {hashes.tree.hex()}; the plan says"
                f" {archive.sha256_tree_hash}: it is read again."
            )
        return _put(shipment, held.body(), hashes.sha256)


def proven(shipment: Shipment, answer: Mapping[str, Any], checksum: str) -> Found:
    """The object that was just made, if S3's checksum of it is ours. Raises ObjectDiffersError."""
    told = checksums.told(answer)
    if not told:
        found = shipment.found(checksum)
        told = found.checksum if found else ""
    if told != checksum:
        raise ObjectDiffersError(
            f"S3 tells the checksum {told or 'of nothing'} of {shipment.landing.uri}; what was sent has"
            f" {checksum}: look at the object before you resume."
        )
    return Found(answer.get("VersionId", ""), checksum)


def _put(shipment: Shipment, body: IO[bytes], sha256: bytes) -> Found:
    request: dict[str, Any] = {
        **shipment.request(),
        "Body": body,
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": checksums.encoded(sha256),
        "IfNoneMatch": "*",
    }
    checksum = checksums.of_one(sha256)
    try:
        answer = shipment.landing.client.put_object(**request)
    except ClientError as exc:
        found = shipment.settled(checksum) if error_code(exc) == EXISTS else None
        if found is None:
            raise
        return found
    return proven(shipment, cast("Mapping[str, Any]", answer), checksum)
