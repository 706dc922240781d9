"""Holds what came out of the demo's transfer against what had to: every byte, name, reason and counter."""

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.cli.tables import Tables
from local.demo.vault_archives import ArchiveFate, VaultArchive
from local.demo.vault_job import HOME, PREFIX
from local.demo.vault_papers import Papers
from thaw.store.verify import Verification, verify
from thaw.vaults.manifests import ManifestRow

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CODES: Mapping[ArchiveFate, str] = {
    ArchiveFate.GONE: "ArchiveNotFound",
    ArchiveFate.CONFLICT: "ObjectConflict",
    ArchiveFate.BROKEN: "RetrievalFailed",
}
"""Why an archive is not in S3, as the list of the failed has it."""


@dataclass(frozen=True)
class VaultProof:
    """`papers` are the files of the transfer, `archives` those of the vault by id."""

    s3: "S3Client"
    papers: Papers
    archives: Mapping[str, VaultArchive]

    def wrong(self) -> Iterator[str]:
        """A sentence for each thing that is not as it had to be."""
        rows = self.papers.manifest()
        copied = {key for key, one in self.archives.items() if one.fate is ArchiveFate.COPIED}
        for archive_id in copied ^ {row.archive_id for row in rows}:
            yield f"archive {archive_id} is {'not ' if archive_id in copied else ''}in the manifest"
        for row in rows:
            yield from self._wrong_object(row)
        yield from _wrong_names(rows, self.archives)
        yield from self._wrong_failures()
        uploads = self.s3.list_multipart_uploads(Bucket=HOME).get("Uploads", [])
        yield from (f"an upload is open at {upload.get('Key')}" for upload in uploads)
        yield from self._wrong_keys({row.key for row in rows})

    def _wrong_object(self, row: ManifestRow) -> Iterator[str]:
        answer = self.s3.get_object(Bucket=row.bucket, Key=row.key)
        if answer["Body"].read() != self.archives[row.archive_id].body:
            yield f"{row.key} is not what archive {row.archive_id} was"
        if answer["Metadata"].get("glacier-archive-id") != row.archive_id:
            yield f"{row.key} does not say of which archive it is"

    def _wrong_failures(self) -> Iterator[str]:
        found = {row.archive_id: row.error_code for row in self.papers.failed()}
        expected = {key: CODES[one.fate] for key, one in self.archives.items() if one.fate in CODES}
        if found != expected:
            yield f"the list of the failed is {found}, it must be {expected}"

    def _wrong_keys(self, known: set[str]) -> Iterator[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=HOME)
        there = {item.get("Key", "") for page in pages for item in page.get("Contents", [])}
        others = len(there - known)
        if others != 1:
            yield f"{others} other objects are in {HOME}, it must be the one that was there before"


def counters(tables: Tables, job_id: str) -> Verification:
    """The numbers of the job, counted anew from its records."""
    (found,) = verify(tables.client, tables.objects, tables.rollups, [job_id], lambda _: None).jobs
    return found


def _wrong_names(rows: list[ManifestRow], archives: Mapping[str, VaultArchive]) -> Iterator[str]:
    """An archive has the name that its description gives, or, where others have it, one that begins so."""
    names = Counter(one.name for one in archives.values())
    if len({row.key for row in rows}) != len(rows):
        yield "two archives have one key"
    for row in rows:
        name = archives[row.archive_id].name
        stem = PREFIX + (name if names[name] == 1 else posixpath.splitext(name)[0])
        right = row.key == stem if name and names[name] == 1 else row.key.startswith(stem)
        if not right:
            yield f"archive {row.archive_id} has the key {row.key}, it must be {stem}"
