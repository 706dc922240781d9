"""Transfers one archive: in one request, in parts by this function, or by an execution of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thaw.core.archive_parts import parts
from thaw.store.vault_uploads import OpenUpload
from thaw.vaults.errors import ArchiveRefusedError, UnprovenObjectError
from thaw.vaults.existing import Found
from thaw.vaults.handing_over import HandingOver
from thaw.vaults.landings import Landings
from thaw.vaults.outcomes import Noted, Transferred
from thaw.vaults.parts import Parts
from thaw.vaults.retrieving import Output
from thaw.vaults.sending import send_archive
from thaw.vaults.shipments import Shipment
from thaw.vaults.tasks import Place
from thaw.vaults.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient


@dataclass(frozen=True)
class Archives:
    """Transfers archives out of the vaults of `glacier`; `now()` is fixed-width ISO-8601."""

    glacier: "GlacierClient"
    landings: Landings
    uploads: Uploads
    now: Callable[[], str]

    def at_once(self, place: Place, retrieval_job_id: str) -> Transferred:
        """An archive of at most ONE_PART bytes. Raises as `send_archive` does."""
        shipment = self.shipment(place)
        found = send_archive(self.output(place, retrieval_job_id), shipment)
        return Transferred(self.now(), shipment, found)

    def in_parts(self, place: Place, retrieval_job_id: str, through: Parts) -> Transferred:
        """A larger one, with what was sent of it before. Raises as `open`, `Parts` and `complete` do."""
        shipment = self.shipment(place)
        opened = self.open(shipment, retrieval_job_id)
        if isinstance(opened, Found):
            return self.found(shipment, opened)
        all_parts = parts(place.archive.size_bytes, opened.part_bytes)
        through.transfer(self.output(place, retrieval_job_id), opened, shipment, all_parts)
        return self.complete(shipment, opened)

    def apart(self, place: Place, retrieval_job_id: str, handing_over: HandingOver) -> Noted:
        """One that this function has no time for. Raises ClientError."""
        self.uploads.register(self.shipment(place), retrieval_job_id)
        name = handing_over.start(place, retrieval_job_id, self.now())
        return Noted(f"execution {name} transfers the archive")

    def open(self, shipment: Shipment, retrieval_job_id: str) -> OpenUpload | Found:
        """The upload of the archive, or its object if that is there; see `Uploads.open`.

        What is at the key is looked at first: nobody pays for parts that cannot become the object.
        """
        try:
            found = shipment.found()
        except UnprovenObjectError:
            found = None
        return found or self.uploads.open(shipment, retrieval_job_id)

    def complete(self, shipment: Shipment, upload: OpenUpload) -> Transferred:
        """Makes the object of its parts; see `Uploads.complete`. What is refused leaves no upload."""
        try:
            found = self.uploads.complete(upload, shipment)
        except ArchiveRefusedError:
            self.uploads.end(upload, shipment.landing)
            raise
        return Transferred(self.now(), shipment, found, upload)

    def found(self, shipment: Shipment, found: Found) -> Transferred:
        """An object that was there, and the upload that it was made of, or that is needed no more."""
        upload = self.uploads.rows.find(shipment.job_id, shipment.archive.archive_id)
        if upload is not None:
            self.uploads.abort(upload, shipment.landing)
        return Transferred(self.now(), shipment, found, upload)

    def shipment(self, place: Place) -> Shipment:
        """What is transferred, and where to. Raises ArchiveRefusedError where the rules do not let it."""
        landing = self.landings.of(place.state.request, place.archive.key)
        return Shipment(place.pointer.job_id, place.vault, place.archive, landing)

    def output(self, place: Place, retrieval_job_id: str) -> Output:
        """The output of a retrieval job of the archive's vault."""
        return Output(self.glacier, place.vault, retrieval_job_id)
