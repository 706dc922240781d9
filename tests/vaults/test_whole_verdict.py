"""A vault that the deployed functions transfer is verified: what they write is what is read."""

import boto3

from tests.vault_world.world import JOBS_BUCKET, VAULT, WARM, world
from thaw.vaults.manifests import manifest_rows
from thaw.vaults.verdicts import Problem, Verdict
from thaw.vaults.verifying import Verifier


def test_a_vault_that_was_transferred_is_safe_until_an_object_is_lost() -> None:
    with world() as place:
        vault = place.glacier.of(VAULT)
        for number in range(3):
            vault.add(f"body {number}".encode(), f'dir\\name {number}, "quoted"', created=1.5e9)
        vault.add(b"several parts" * 300_000, "large", created=1.5e9)
        job_id = place.launch("run-1")
        place.until_ended(job_id)

        def verified(*, read: bool = False) -> tuple[Verdict, list[Problem]]:
            problems: list[Problem] = []
            verifier = Verifier(
                place.s3, JOBS_BUCKET, place.s3, boto3.client("glacier"), read=read, memory_bytes=10**8
            )
            return verifier.verify(job_id, problems.append), problems

        assert verified()[0].line.startswith("SAFE: all 4 archives")
        assert verified(read=True)[0].is_safe
        rows = list(manifest_rows(place.s3, JOBS_BUCKET, job_id))
        assert all(row.checksum for row in rows), "S3's checksum of every archive is told"
        assert [row.checksum[-2:] for row in rows if row.key.endswith("large")] == ["-4"]
        place.s3.delete_object(Bucket=WARM, Key=rows[0].key)
        verdict, problems = verified()
        assert (verdict.is_safe, [problem.key for problem in problems]) == (False, [rows[0].key])
