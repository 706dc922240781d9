"""Brings an inventory into the jobs bucket, range by range; an upload that is open goes on where it was."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError

from thaw.core.retrieval_jobs import RetrievalJob
from thaw.core.vault_states import Inventory
from thaw.manifests.s3 import parse_uri
from thaw.vaults.errors import InventoryError, OutputDiffersError
from thaw.vaults.inventory_text import HEAD_BYTES, date_of
from thaw.vaults.retrieving import RANGE_ATTEMPTS, Output, fetch

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 64 * 2**20
"""Aligned, so that Glacier tells the tree hash of each where it tells any; at most 10,000 of them in S3."""

MARGIN_SECONDS = 120.0
"""Left of an invocation when it begins no further part."""


@dataclass(frozen=True)
class InventoryDownload:
    """Downloads into `jobs_bucket`, `part_bytes` at a time."""

    glacier: "GlacierClient"
    s3: "S3Client"
    jobs_bucket: str
    part_bytes: int = PART_BYTES

    def go_on(self, vault: str, inventory: Inventory, seconds_left: Callable[[], float]) -> Inventory:
        """The inventory as it is after this call: `checked` when all of it is there.

        Raises OutputGoneError, OutputDiffersError, InventoryError, ClientError.
        """
        if inventory.checked:
            return inventory
        after = self._copied(inventory) if inventory.source else self._read(vault, inventory, seconds_left)
        return self._dated(after) if after.checked else after

    def _read(self, vault: str, inventory: Inventory, seconds_left: Callable[[], float]) -> Inventory:
        document = self.glacier.describe_job(vaultName=vault, jobId=inventory.retrieval_job_id)
        job = RetrievalJob.of(cast("dict[str, Any]", document))
        sized = replace(inventory, size_bytes=job.size_bytes)
        if not sized.size_bytes:
            raise InventoryError(
                f"Glacier tells no size of inventory {job.job_id} of vault {vault}: it is not there yet."
            )
        return self._downloaded(Output(self.glacier, vault, job.job_id), sized, seconds_left)

    def _copied(self, inventory: Inventory) -> Inventory:
        source = parse_uri(inventory.source)
        self.s3.copy({"Bucket": source.bucket, "Key": source.key}, self.jobs_bucket, inventory.key)
        size = self._size(inventory.key)
        return replace(inventory, size_bytes=size, read_bytes=size, checked=True)

    def _dated(self, inventory: Inventory) -> Inventory:
        """With the date that it tells itself, which JSON does."""
        first = f"bytes=0-{HEAD_BYTES - 1}"
        head = self.s3.get_object(Bucket=self.jobs_bucket, Key=inventory.key, Range=first)["Body"].read()
        return replace(inventory, inventory_date=date_of(head) or inventory.inventory_date)

    def _downloaded(
        self, output: Output, inventory: Inventory, seconds_left: Callable[[], float]
    ) -> Inventory:
        upload_id, parts = self._open(inventory)
        size = inventory.size_bytes
        while len(parts) * self.part_bytes < size:
            if seconds_left() < MARGIN_SECONDS:
                return replace(inventory, read_bytes=len(parts) * self.part_bytes)
            parts.append(self._part(output, inventory, upload_id, len(parts)))
        self.s3.complete_multipart_upload(
            Bucket=self.jobs_bucket,
            Key=inventory.key,
            UploadId=upload_id,
            MultipartUpload={"Parts": parts},
        )
        found = self._size(inventory.key)
        if found != size:
            raise InventoryError(
                f"The inventory {output.retrieval_job_id} has {found:,} bytes in S3, and Glacier tells of"
                f" {size:,}: resume the transfer, which downloads it again."
            )
        return replace(inventory, read_bytes=size, checked=True)

    def _part(
        self, output: Output, inventory: Inventory, upload_id: str, number: int
    ) -> "CompletedPartTypeDef":
        first = number * self.part_bytes
        content = _read(output, first, min(first + self.part_bytes, inventory.size_bytes) - 1)
        answer = self.s3.upload_part(
            Bucket=self.jobs_bucket,
            Key=inventory.key,
            UploadId=upload_id,
            PartNumber=number + 1,
            Body=content,
        )
        return {"PartNumber": number + 1, "ETag": answer["ETag"]}

    def _open(self, inventory: Inventory) -> "tuple[str, list[CompletedPartTypeDef]]":
        """The upload that an earlier call left open, with its parts from the first on without a gap; else a
        new one. What a call left that did not tell how far it had come may be of another inventory."""
        uploads = self.s3.list_multipart_uploads(Bucket=self.jobs_bucket, Prefix=inventory.key)
        for upload in uploads.get("Uploads", ()):
            upload_id = upload.get("UploadId", "")
            if upload.get("Key") != inventory.key:
                continue
            if inventory.read_bytes:
                return upload_id, self._parts(inventory.key, upload_id)
            self.s3.abort_multipart_upload(Bucket=self.jobs_bucket, Key=inventory.key, UploadId=upload_id)
        created = self.s3.create_multipart_upload(Bucket=self.jobs_bucket, Key=inventory.key)
        return created["UploadId"], []

    def _parts(self, key: str, upload_id: str) -> "list[CompletedPartTypeDef]":
        parts: list[CompletedPartTypeDef] = []
        pages = self.s3.get_paginator("list_parts").paginate(
            Bucket=self.jobs_bucket, Key=key, UploadId=upload_id
        )
        for page in pages:
            for part in page.get("Parts", ()):
                if part.get("PartNumber") != len(parts) + 1 or part.get("Size") != self.part_bytes:
                    return parts
                parts.append({"PartNumber": len(parts) + 1, "ETag": part.get("ETag", "")})
        return parts

    def _size(self, key: str) -> int:
        return self.s3.head_object(Bucket=self.jobs_bucket, Key=key)["ContentLength"]


def _read(output: Output, first: int, last: int) -> bytes:
    """A range, read again where its connection breaks."""
    for _ in range(RANGE_ATTEMPTS - 1):
        try:
            return _read_once(output, first, last)
        except (OutputDiffersError, BotoCoreError):
            continue
    return _read_once(output, first, last)


def _read_once(output: Output, first: int, last: int) -> bytes:
    content = BytesIO()
    fetch(output, first, last, content.write)
    return content.getvalue()
