"""What the demo of a vault holds against: it must notice whatever is not as it had to be."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.demo.vault_archives import VaultArchive, vault_archives
from local.demo.vault_job import HOME, PREFIX
from local.demo.vault_papers import Papers
from local.demo.vault_proof import CODES, VaultProof
from thaw.vaults.manifests import FailedRow, ManifestRow


@dataclass(frozen=True)
class Written(Papers):
    """Papers whose rows are given."""

    rows: tuple[ManifestRow, ...] = ()
    failures: tuple[FailedRow, ...] = ()

    def manifest(self) -> list[ManifestRow]:
        return list(self.rows)

    def failed(self) -> list[FailedRow]:
        return list(self.failures)


@pytest.fixture
def proof() -> Iterator[VaultProof]:
    """Of archives that all came out as they had to."""
    made = [replace(one, body=one.body[:9]) for one in vault_archives(12, random.Random(1))]
    archives = {f"archive-{one.number}": one for one in made}
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=HOME)
        s3.put_object(Bucket=HOME, Key="was here before", Body=b"x")
        rows, failures = list[ManifestRow](), list[FailedRow]()
        for archive_id, one in archives.items():
            if one.fate in CODES:
                code = CODES[one.fate]
                failures.append(FailedRow(archive_id, "", 1, "", "FAILED", code, "", "", "", ""))
            elif not one.pretended_bytes:
                rows.append(_stored(s3, archive_id, one))
        yield VaultProof(s3, Written(s3, "jobs", "job", tuple(rows), tuple(failures)), archives)


def _stored(s3: Any, archive_id: str, one: VaultArchive) -> ManifestRow:
    key = PREFIX + (one.name or f"unnamed/{archive_id}")
    s3.put_object(Bucket=HOME, Key=key, Body=one.body, Metadata={"glacier-archive-id": archive_id})
    return ManifestRow(archive_id, HOME, key, "", len(one.body), "", "", "", "", "")


def test_what_is_right_is_not_doubted(proof: VaultProof) -> None:
    assert list(proof.wrong()) == []


def test_other_bytes_a_stray_object_and_an_open_upload_are_noticed(proof: VaultProof) -> None:
    key = proof.papers.manifest()[0].key
    proof.s3.create_multipart_upload(Bucket=HOME, Key=key)
    proof.s3.put_object(Bucket=HOME, Key="stray", Body=b"x")
    proof.s3.put_object(Bucket=HOME, Key=key, Body=b"other")
    lines = "\n".join(proof.wrong())
    for told in (
        "is not what archive",
        "does not say of which archive",
        "an upload is open at",
        "2 other objects",
    ):
        assert told in lines


def test_an_archive_that_is_missing_misnamed_or_failed_otherwise_is_noticed(proof: VaultProof) -> None:
    papers = proof.papers
    assert isinstance(papers, Written)
    first, *others = papers.rows
    missing = replace(proof, papers=replace(papers, rows=tuple(others)))
    assert any("is not in the manifest" in line for line in missing.wrong())
    proof.s3.put_object(Bucket=HOME, Key="photos/elsewhere", Body=b"x")
    misnamed = replace(papers, rows=(first._replace(key="photos/elsewhere"), *others))
    assert any("it must be" in line for line in replace(proof, papers=misnamed).wrong())
    silent = replace(proof, papers=replace(papers, failures=papers.failures[1:]))
    assert any("the list of the failed is" in line for line in silent.wrong())
