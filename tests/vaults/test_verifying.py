"""The verdict on a vault: safe only if every archive of its inventory is in S3, current and intact."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.vaults.finished import (
    COPIED,
    CREATED,
    FAILED,
    INVENTORIED,
    JOB,
    JOBS_BUCKET,
    TARGET,
    VAULT,
    Transfer,
    archive,
    content,
)
from thaw.core.archive_metadata import metadata
from thaw.core.history import NOTHING
from thaw.core.vault_files import inventory_file, manifest_folder, part_name
from thaw.vaults.errors import ManifestError
from thaw.vaults.manifests import ManifestRow, manifest_rows, write_rows
from thaw.vaults.object_checks import Claim, ObjectChecker
from thaw.vaults.verdicts import Doubt, Problem, Verdict

LINE = f'zz_id,"later",{CREATED},5,{"ab" * 32}'


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with mock_aws():
        yield


def finished(*names: str) -> Transfer:
    """A transfer that has brought these archives to S3."""
    transfer = Transfer(dict.fromkeys(names, COPIED))
    transfer.finish()
    return transfer


def verified(
    transfer: Transfer, inventory: Path | None = None, *, read: bool = False, dated: str = ""
) -> tuple[Verdict, dict[str, Problem]]:
    problems: list[Problem] = []
    verdict = transfer.verifier(read=read).verify(JOB, problems.append, inventory=inventory, dated=dated)
    assert verdict.intact + sum(problem.archive_id != "" for problem in problems) == verdict.archives
    return verdict, {problem.archive_id: problem for problem in problems}


def the_only(transfer: Transfer, *, read: bool = False) -> Problem:
    verdict, problems = verified(transfer, read=read)
    assert not verdict.is_safe
    assert verdict.line.startswith("NOT SAFE: 1 of ")
    (problem,) = problems.values()
    return problem


@pytest.mark.parametrize("read", [False, True])
def test_a_vault_whose_archives_are_all_in_s3_intact_may_go(read: bool) -> None:  # noqa: FBT001 - a parameter
    transfer = finished("a", "b")
    verdict, problems = verified(transfer, read=read)
    assert (verdict.is_safe, verdict.archives, verdict.intact, problems) == (True, 2, 2, {})
    how = "every byte read" if read else "by S3's checksums"
    size = archive("a").size_bytes + archive("b").size_bytes
    assert verdict.line == (
        f"SAFE: all 2 archives ({size} bytes) of vault photos in the inventory of 2026-11-20T00:00:00.000Z"
        f" are intact in s3://target/old/, {how}. The vault's last inventory, of 2026-11-20T00:00:00.000Z,"
        " has 2 archives; what was added after it is not covered."
    )


def test_an_inventory_that_lacks_archives_of_the_vault_is_no_proof(tmp_path: Path) -> None:
    transfer = finished("a", "b", "c")
    cut = tmp_path / "cut.csv"
    cut.write_bytes(b"".join(transfer.inventory(["a", "b", "c"]).splitlines(keepends=True)[:2]))
    verdict, problems = verified(transfer, cut, dated=INVENTORIED)
    assert (verdict.is_safe, verdict.intact, verdict.archives, problems) == (False, 1, 1, {})
    size = archive("a").size_bytes
    assert verdict.line == (
        f"NOT SAFE: the 1 archives ({size} bytes) of vault photos in the inventory {cut} of {INVENTORIED} are"
        " intact in s3://target/old/, but the vault may have others: the vault's last inventory, of"
        f" {INVENTORIED}, has 3 archives. Do not delete the vault; verify it by its last inventory."
    )


def test_an_inventory_with_fewer_bytes_than_the_vault_is_no_proof_but_for_what_glacier_adds() -> None:
    transfer = finished("a", "b")
    added = 2 * 40 * 1024
    size = transfer.glacier.size_bytes or 0
    transfer.glacier.size_bytes = size + added
    assert verified(transfer)[0].is_safe
    transfer.glacier.size_bytes += 1
    verdict, _ = verified(transfer)
    assert not verdict.is_safe
    assert f"has {size + added + 1:,} bytes" in verdict.line


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("2026-11-20T00:00:00.001Z", "the vault's last inventory, of 2026-11-20T00:00:00.001Z, is newer"),
        (None, "Glacier has made no inventory of the vault yet"),
    ],
)
def test_an_inventory_that_is_not_the_last_one_is_no_proof(date: str | None, told: str) -> None:
    transfer = finished("a")
    transfer.glacier.date = date
    verdict, _ = verified(transfer)
    assert not verdict.is_safe
    assert f"the vault may have others: {told}. Do not delete the vault" in verdict.line


def test_an_inventory_of_an_unknown_time_is_no_proof_until_its_date_is_given(tmp_path: Path) -> None:
    transfer = finished("a")
    given = tmp_path / "given.csv"
    given.write_bytes(transfer.inventory(["a"]))
    verdict, _ = verified(transfer, given)
    assert not verdict.is_safe
    assert f"the inventory {given} of an unknown time" in verdict.line
    assert "may have others: nobody knows the date of the one that was compared: give --inv" in verdict.line
    assert verified(transfer, given, dated=INVENTORIED)[0].is_safe


def test_of_a_vault_that_is_gone_the_inventory_is_all_there_is_to_go_by() -> None:
    transfer = finished("a")
    transfer.glacier.archives = None
    verdict, _ = verified(transfer)
    assert verdict.is_safe
    assert verdict.line.endswith("The vault is not there any more, so the inventory was not held against it.")


def test_whoever_may_not_ask_for_the_vault_gets_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = finished("a")

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeVault")

    monkeypatch.setattr(transfer.glacier, "describe_vault", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        verified(transfer)


@pytest.mark.parametrize("packed", [False, True])
def test_an_inventory_is_read_as_the_plan_reads_it(packed: bool) -> None:  # noqa: FBT001 - a parameter
    transfer = finished("a", "b")
    first, second, *rest = transfer.inventory(["a", "b"]).splitlines(keepends=True)
    body = first + second.replace(b"\n", b"\r\n") + b"".join(rest)
    transfer.s3.put_object(
        Bucket=JOBS_BUCKET, Key=inventory_file(JOB, "csv"), Body=gzip.compress(body) if packed else body
    )
    verdict, problems = verified(transfer)
    assert (verdict.is_safe, verdict.archives, problems) == (True, 2, {})


def test_an_object_that_s3_will_delete_is_not_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = finished("a")
    head = transfer.s3.head_object(Bucket=TARGET, Key="old/a", ChecksumMode="ENABLED")
    rule = 'expiry-date="Fri, 27 Nov 2026 00:00:00 GMT", rule-id="week"'

    def expiring(**_: object) -> dict[str, Any]:
        return {**head, "Expiration": rule}

    monkeypatch.setattr(transfer.s3, "head_object", expiring)
    problem = the_only(transfer)
    assert (problem.doubt, problem.detail) == (
        Doubt.EXPIRES,
        f"S3 deletes it by the bucket's lifecycle: {rule}.",
    )


def test_what_failed_was_left_out_or_never_asked_for_speaks_against_it() -> None:
    transfer = Transfer({"a": COPIED, "f": FAILED, "p": NOTHING}, excluded=("x",))
    transfer.finish()
    verdict, problems = verified(transfer)
    assert {name: problem.doubt for name, problem in problems.items()} == {
        "f_id": Doubt.FAILED,
        "p_id": Doubt.FAILED,
        "x_id": Doubt.EXCLUDED,
    }
    assert problems["f_id"].detail == "FAILED: Glacier has it no more. (ArchiveNotFound)"
    assert verdict.line == (
        "NOT SAFE: 3 of 4 archives of vault photos in the inventory of 2026-11-20T00:00:00.000Z are not"
        " proven to be in s3://target/old/: 1 Excluded, 2 Failed. Do not delete the vault."
    )


def test_an_object_that_is_gone_is_missing() -> None:
    transfer = finished("a", "b")
    transfer.s3.delete_object(Bucket=TARGET, Key="old/a")
    problem = the_only(transfer)
    assert problem[:2] == ("a_id", "old/a")
    assert (problem.doubt, problem.detail) == (Doubt.MISSING, "Nothing is at s3://target/old/a.")


def test_an_object_of_another_size_differs() -> None:
    transfer = finished("a")
    transfer.put("a", b"short")
    size = archive("a").size_bytes
    assert the_only(transfer)[3:] == (Doubt.DIFFERS, f"It has 5 bytes, the archive {size}.")


def test_an_object_of_other_bytes_differs_by_its_checksum() -> None:
    transfer = finished("a")
    transfer.put("a", content("a")[::-1])
    problem = the_only(transfer)
    assert problem.doubt is Doubt.DIFFERS
    assert problem.detail.startswith("S3's checksum is SHA256:")


def test_an_object_that_says_it_is_another_archive_differs() -> None:
    transfer = finished("a")
    transfer.put("a", of="b")
    assert the_only(transfer).detail == "Its metadata name archive b_id of vault photos."


def test_an_object_without_a_checksum_is_unproven_until_it_is_read() -> None:
    transfer = finished("a")
    written(transfer, checksum="")
    transfer.s3.put_object(
        Bucket=TARGET,
        Key="old/a",
        Body=content("a"),
        Metadata=transfer.s3.head_object(Bucket=TARGET, Key="old/a")["Metadata"],
        ChecksumAlgorithm="CRC32",
    )
    assert the_only(transfer).doubt is Doubt.UNPROVEN
    assert verified(transfer, read=True)[0].is_safe


def test_a_small_object_is_proven_by_its_tree_hash_whatever_the_manifest_says() -> None:
    transfer = finished("a")
    written(transfer, checksum="")
    assert verified(transfer)[0].is_safe, "up to 1 MiB the tree hash is the SHA-256"


def test_reading_finds_bytes_that_no_checksum_tells_of() -> None:
    transfer = finished("a")
    written(transfer, checksum="")
    transfer.s3.put_object(
        Bucket=TARGET,
        Key="old/a",
        Body=content("a")[::-1],
        Metadata=transfer.s3.head_object(Bucket=TARGET, Key="old/a")["Metadata"],
    )
    problem = the_only(transfer, read=True)
    assert problem.detail.startswith("Its tree hash is ")


@pytest.mark.parametrize(
    ("told", "doubt"),
    [("aaaa-3", None), ("bbbb-3", Doubt.DIFFERS), ("aaaa-2", Doubt.DIFFERS), ("", Doubt.UNPROVEN)],
)
def test_an_object_that_came_in_parts_is_proven_by_the_checksum_of_its_parts(
    told: str, doubt: Doubt | None
) -> None:
    planned = archive("a")._replace(size_bytes=2**30)
    head = {
        "ContentLength": 2**30,
        "Metadata": metadata(VAULT, planned),
        "ETag": "e",
        **({"ChecksumSHA256": told} if told else {}),
    }

    def answer(**_: str) -> dict[str, Any]:
        return head

    client = cast("Any", SimpleNamespace(head_object=answer))
    claim = Claim("a_id", TARGET, "old/a", "", 2**30, planned.sha256_tree_hash, "SHA256:aaaa-3")
    finding = ObjectChecker(client, VAULT, "", read=False).check(claim)
    assert (finding and finding.doubt) == doubt


def test_the_account_that_must_own_the_bucket_is_told_with_every_request() -> None:
    asked: list[dict[str, str]] = []

    def head(**named: str) -> dict[str, Any]:
        asked.append(named)
        raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")

    client = cast("Any", SimpleNamespace(head_object=head))
    claim = Claim("a_id", TARGET, "old/a", "", 1, "ab" * 32, "")
    ObjectChecker(client, VAULT, "123456789012", read=False).check(claim)
    assert asked[0]["ExpectedBucketOwner"] == "123456789012"


def test_a_version_that_somebody_put_over_ours_is_not_ours() -> None:
    transfer = finished("a")
    transfer.s3.put_bucket_versioning(Bucket=TARGET, VersioningConfiguration={"Status": "Enabled"})
    transfer.put("a")
    first = transfer.s3.head_object(Bucket=TARGET, Key="old/a")["VersionId"]
    written(transfer, version_id=first)
    assert verified(transfer)[0].is_safe
    transfer.put("a")
    assert the_only(transfer).detail.startswith("Its current version is ")
    assert verified(transfer, read=True)[0].is_safe, "its bytes are the archive's all the same"


def test_a_manifest_that_says_other_than_the_inventory_is_not_believed() -> None:
    transfer = finished("a")
    written(transfer, sha256_tree_hash="ab" * 32)
    assert the_only(transfer)[3:] == (
        Doubt.DIFFERS,
        "The manifest has another size or tree hash than the inventory.",
    )


def test_a_newer_inventory_tells_what_was_added_and_what_is_gone_from_the_vault(tmp_path: Path) -> None:
    transfer = finished("a", "b", "c")
    newer = tmp_path / "newer.csv"
    newer.write_bytes(transfer.inventory(["a"], LINE))
    verdict, problems = verified(transfer, newer)
    assert (verdict.archives, verdict.intact, verdict.gone) == (2, 1, 2)
    assert problems["zz_id"].doubt is Doubt.NOT_PLANNED
    assert f"in the inventory {newer} of an unknown time are not proven" in verdict.line


def test_an_inventory_in_json_does_as_well(tmp_path: Path) -> None:
    planned = archive("a")
    listed = {
        "ArchiveId": planned.archive_id,
        "ArchiveDescription": 'with "quotes", commas and \\',
        "CreationDate": CREATED,
        "Size": planned.size_bytes,
        "SHA256TreeHash": planned.sha256_tree_hash,
    }
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({"VaultARN": "arn", "InventoryDate": CREATED, "ArchiveList": [listed]}))
    transfer = finished("a")
    transfer.glacier.date = CREATED
    verdict, _ = verified(transfer, newer)
    assert (verdict.is_safe, verdict.inventory_date) == (True, CREATED), "it tells its date itself"


def test_a_line_of_the_inventory_that_nobody_can_read_speaks_against_it() -> None:
    transfer = finished("a")
    transfer.inventory(["a"], "damaged,line")
    verdict, problems = verified(transfer)
    assert (verdict.intact, verdict.is_safe) == (1, False)
    assert problems[""].detail == "The inventory has a line that is no archive: damaged,line"


def test_an_inventory_without_archives_proves_nothing() -> None:
    transfer = finished("a")
    transfer.inventory([])
    verdict, _ = verified(transfer)
    assert not verdict.is_safe
    assert verdict.line.endswith("has no archives: nothing of vault photos is proven.")


def test_what_s3_refuses_to_tell_is_not_taken_for_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = finished("a")
    other = boto3.client("s3", region_name="eu-north-1")
    verifier = replace(transfer.verifier(), destination=other)

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    monkeypatch.setattr(other, "head_object", refuse)
    problems: list[Problem] = []
    assert not verifier.verify(JOB, problems.append).is_safe
    assert [problem.doubt for problem in problems] == [Doubt.NOT_CHECKED]


def test_all_are_looked_at_also_many_more_than_are_checked_at_once() -> None:
    names = [f"n{number:03}" for number in range(60)]
    transfer = finished(*names)
    transfer.s3.delete_object(Bucket=TARGET, Key="old/n037")
    looked_at: list[int] = []
    problems: list[Problem] = []
    verdict = transfer.verifier().verify(JOB, problems.append, progress=looked_at.append)
    assert (verdict.intact, sum(looked_at), [each.archive_id for each in problems]) == (59, 60, ["n037_id"])


def test_an_archive_that_the_manifest_has_twice_is_no_manifest() -> None:
    transfer = finished("a")
    (row,) = manifest_rows(transfer.s3, JOBS_BUCKET, JOB)
    key = manifest_folder(JOB) + part_name(0)
    write_rows(transfer.s3, JOBS_BUCKET, key, ManifestRow._fields, [row, row])
    with pytest.raises(ManifestError, match="has archive a_id twice"):
        verified(transfer)


def test_a_transfer_that_has_not_ended_cannot_be_verified() -> None:
    with pytest.raises(ManifestError, match="its manifest is written at its end"):
        verified(Transfer({"a": COPIED}))


def written(transfer: Transfer, **changes: str) -> None:
    """Changes the only row of the manifest."""
    (row,) = manifest_rows(transfer.s3, JOBS_BUCKET, JOB)
    key = manifest_folder(JOB) + part_name(0)
    changed = ManifestRow(**cast("Any", {**row._asdict(), **changes}))
    write_rows(transfer.s3, JOBS_BUCKET, key, ManifestRow._fields, [changed])
