"""Multipart uploads of archives: opened once, gone on with while they live, completed when all is checked.

An upload is written down before it is created, and forgotten when its archive is recorded; so no death leaves
one open that is not found again. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from botocore.exceptions import ClientError

from thaw.core.archive_parts import Part, part_bytes, part_count
from thaw.core.times import to_millis
from thaw.core.tree_hash import combined
from thaw.store.error_codes import error_code
from thaw.store.vault_uploads import OpenUpload, UploadedPart, VaultUploads
from thaw.vaults import checksums
from thaw.vaults.errors import ArchiveRefusedError, IncompleteUploadError, UploadGoneError
from thaw.vaults.existing import Found
from thaw.vaults.landings import Landing
from thaw.vaults.orphans import NO_UPLOAD, abort_orphans, abort_upload, is_gone
from thaw.vaults.retrieving import Hashes
from thaw.vaults.sending import EXISTS, proven
from thaw.vaults.shipments import Shipment

PART_DAYS = 14
"""How long a finished part is remembered; one that is forgotten is sent again."""

_OTHER_PARTS = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall")
"""What S3 answers where its parts are not those written down: two who sent the same one wrote in another
order than S3 (under SSE-KMS each has an ETag of its own), and no try mends that."""

_DAY_SECONDS = 86_400
_OPENINGS = 3


@dataclass(frozen=True)
class Uploads:
    """The uploads of archives; `now()` is fixed-width ISO-8601, `made_by` tells ours (`orphans.makers`)."""

    rows: VaultUploads
    now: Callable[[], str]
    made_by: tuple[str, ...]

    def register(self, shipment: Shipment, retrieval_job_id: str) -> OpenUpload:
        """Writes down that the archive is uploaded, from now on from the output of this retrieval; returns
        the upload, which may have to be opened."""
        archive, landing = shipment.archive, shipment.landing
        size = part_bytes(archive.size_bytes)
        place = (shipment.job_id, archive.archive_id, landing.bucket, landing.key)
        asked = OpenUpload(*place, size, self.now(), retrieval_job_id)
        found = self.rows.begin(asked)
        if found is asked or found.retrieval_job_id == retrieval_job_id:
            return found
        self.rows.continues(found, retrieval_job_id)
        return found._replace(retrieval_job_id=retrieval_job_id)

    def open(self, shipment: Shipment, retrieval_job_id: str) -> OpenUpload | Found:
        """The upload of the archive, open: a former one if it lives; or the archive's object, if that upload
        has been completed.

        Raises UploadGoneError where others open and end it all the time, ClientError.
        """
        for _ in range(_OPENINGS):
            upload = self.register(shipment, retrieval_job_id)
            opened = (
                self._created(upload, shipment) if not upload.upload_id else self._alive(upload, shipment)
            )
            if opened is not None:
                return opened
        raise UploadGoneError(
            f"The upload of {shipment.landing.uri} is opened and ended by others; try again."
        )

    def send(self, upload: OpenUpload, landing: Landing, part: Part, hashes: Hashes, body: IO[bytes]) -> None:
        """Sends one part and writes it down. Raises UploadGoneError, ClientError.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
        """
        checksum = checksums.encoded(hashes.sha256)
        request: dict[str, Any] = {
            **_named(upload, landing),
            "PartNumber": part.number,
            "Body": body,
            "ChecksumSHA256": checksum,
        }
        try:
            answer = landing.client.upload_part(**request)
        except ClientError as exc:
            if error_code(exc) != NO_UPLOAD:
                raise
            raise _gone(landing) from exc
        expires = to_millis(self.now()) // 1000 + PART_DAYS * _DAY_SECONDS
        done = UploadedPart(part.number, hashes.tree.hex(), answer["ETag"], checksum)
        self.rows.add_part(upload, done, expires)

    def complete(self, upload: OpenUpload, shipment: Shipment) -> Found:
        """Makes the object of its parts if their tree hashes make the archive's, and checks it after.

        Raises IncompleteUploadError where parts are missing, ArchiveRefusedError (ArchiveDiffers,
        ObjectConflict), UploadGoneError, ObjectDiffersError, ClientError.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
        """
        parts = list(self.rows.parts(upload).values())
        _check_parts(parts, upload, shipment)
        checksum = checksums.of_parts([part.checksum for part in parts])
        request: dict[str, Any] = {
            **_named(upload, shipment.landing),
            "MultipartUpload": {"Parts": [_completed(part) for part in parts]},
            "MpuObjectSize": shipment.archive.size_bytes,
            "IfNoneMatch": "*",
        }
        try:
            answer = shipment.landing.client.complete_multipart_upload(**request)
        except ClientError as exc:
            if error_code(exc) not in (EXISTS, NO_UPLOAD, *_OTHER_PARTS):
                raise
            return self._instead(upload, shipment, checksum)
        return proven(shipment, cast("Mapping[str, Any]", answer), checksum)

    def abort(self, upload: OpenUpload, landing: Landing) -> None:
        """Ends an upload in S3, also one whose id nobody wrote down; harmless where it has ended.

        `landing` tells the client and the owner. Raises ClientError.
        """
        there = landing._replace(bucket=upload.bucket, key=upload.key)
        if upload.upload_id:
            abort_upload(there, upload.upload_id)
        else:
            abort_orphans(there, upload.started_at, self.made_by)

    def end(self, upload: OpenUpload, landing: Landing) -> None:
        """As `abort`, and forgets the upload."""
        self.abort(upload, landing)
        self.rows.end(upload)

    def end_for_good(self, upload: OpenUpload, landing: Landing) -> None:
        """As `end`; but an upload is remembered to which parts came that were on their way when it was
        aborted: S3 keeps these until it is aborted once more."""
        self.abort(upload, landing)
        there = landing._replace(bucket=upload.bucket, key=upload.key)
        if not upload.upload_id or is_gone(there, upload.upload_id):
            self.rows.end(upload)

    def _created(self, upload: OpenUpload, shipment: Shipment) -> OpenUpload | None:
        """None if another one was faster, or the row is of another place: to be looked at again."""
        landing = shipment.landing
        if not _fits(upload, shipment):
            self.end(upload, landing)
            return None
        request: dict[str, Any] = {
            **shipment.request(),
            "ChecksumAlgorithm": "SHA256",
            "ChecksumType": "COMPOSITE",
        }
        upload_id = landing.client.create_multipart_upload(**request)["UploadId"]
        abort_orphans(landing, upload.started_at, self.made_by, upload_id)
        if not self.rows.created(upload, upload_id):
            abort_upload(landing, upload_id)
            return None
        return upload._replace(upload_id=upload_id)

    def _alive(self, upload: OpenUpload, shipment: Shipment) -> OpenUpload | Found | None:
        landing = shipment.landing
        if not _fits(upload, shipment):
            self.end(upload, landing)
            return None
        try:
            landing.client.list_parts(**cast("Any", _named(upload, landing)), MaxParts=1)
        except ClientError as exc:
            if error_code(exc) != NO_UPLOAD:
                raise
            return self._completed_before(upload, shipment)
        return upload

    def _completed_before(self, upload: OpenUpload, shipment: Shipment) -> Found | None:
        parts = list(self.rows.parts(upload).values())
        if len(parts) == part_count(shipment.archive.size_bytes, upload.part_bytes):
            found = shipment.found(checksums.of_parts([part.checksum for part in parts]))
            if found is not None:
                return found
        self.rows.end(upload)
        return None

    def _instead(self, upload: OpenUpload, shipment: Shipment, checksum: str) -> Found:
        """Something is there, or the upload is gone: the object that another delivery made, or not."""
        found = shipment.settled(checksum)
        if found is None:
            self.end(upload, shipment.landing)
            raise _gone(shipment.landing)
        self.abort(upload, shipment.landing)
        return found


def _named(upload: OpenUpload, landing: Landing) -> dict[str, str]:
    return {**landing.named, "UploadId": upload.upload_id}


def _fits(upload: OpenUpload, shipment: Shipment) -> bool:
    """Whether the upload is what would be begun now: a new plan may give the archive another key."""
    landing, size = shipment.landing, shipment.archive.size_bytes
    return (upload.bucket, upload.key, upload.part_bytes) == (landing.bucket, landing.key, part_bytes(size))


def _check_parts(parts: list[UploadedPart], upload: OpenUpload, shipment: Shipment) -> None:
    archive = shipment.archive
    count = part_count(archive.size_bytes, upload.part_bytes)
    if [part.number for part in parts] != list(range(1, count + 1)):
        raise IncompleteUploadError(
            f"Of {shipment.landing.uri}, {len(parts)} of {count} parts were sent; the others are sent again."
        )
    tree_hash = combined(bytes.fromhex(part.tree_hash) for part in parts).hex()
    if tree_hash != archive.sha256_tree_hash:
        raise ArchiveRefusedError(
            "ArchiveDiffers",
            f"The {count} parts of archive {archive.archive_id} make the tree hash {tree_hash}, the plan says"
            f" {archive.sha256_tree_hash}: no object was made; resume to have the archive retrieved again.",
        )


def _completed(part: UploadedPart) -> dict[str, Any]:
    return {"PartNumber": part.number, "ETag": part.etag, "ChecksumSHA256": part.checksum}


def _gone(landing: Landing) -> UploadGoneError:
    return UploadGoneError(
        f"The upload of {landing.uri} was aborted by somebody, or by a rule of its bucket, or has other parts"
        " than are written down; it is begun again."
    )
