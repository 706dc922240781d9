"""A run whose plan leaves out archives of the run before ends all the same, and its counters are exact."""

import gzip
from collections.abc import Callable

import pytest

from tests.vault_world.world import JOBS_BUCKET, VAULT, WARM, World, world
from thaw.core.job_states import JobStatus
from thaw.core.vault_files import plan_file
from thaw.vaults.manifests import manifest_rows

ASKED = {"vault": VAULT, "destination_bucket": WARM, "destination_prefix": "in/", "replan": True}
SOON = 60.0


def stopped(place: World) -> str:
    """A transfer that was stopped while its three archives were retrieved, of which nobody hears again."""
    for number in range(3):
        place.glacier.of(VAULT).add(f"body {number}".encode(), f"{number}.jpg", created=1.5e9 + number)
    job_id = place.launch("run-1")
    place.tick(SOON)
    assert place.counts(job_id) == {"RESTORING": 3}
    assert place.ask("DELETE", f"/jobs/{job_id}")[0] == 202
    place.until_ended(job_id, seconds=SOON)
    assert place.counts(job_id) == {"RESTORING": 3}
    place.glacier.state.due.clear()
    place.glacier.of(VAULT).jobs.clear()
    return job_id


def filtered(place: World, _: str) -> None:
    assert place.ask("POST", "/vault-transfers", {**ASKED, "name_pattern": "0*"})[0] == 202


def by_an_edited_plan(place: World, job_id: str) -> None:
    plan = gzip.decompress(place.s3.get_object(Bucket=JOBS_BUCKET, Key=plan_file(job_id))["Body"].read())
    kept = b"".join(plan.splitlines(keepends=True)[:2])
    place.s3.put_object(Bucket=JOBS_BUCKET, Key="edited.csv", Body=kept)
    assert (
        place.ask("POST", "/vault-transfers", {**ASKED, "plan": f"s3://{JOBS_BUCKET}/edited.csv"})[0] == 202
    )


def gone_from_the_vault(place: World, job_id: str) -> None:
    vault = place.glacier.of(VAULT)
    for archive in [each for each in vault.archives.values() if each.description != "0.jpg"]:
        vault.delete(archive.archive_id, place.glacier.now)
    assert place.ask("POST", f"/vault-transfers/{job_id}/resume", {"replan": True})[0] == 202


@pytest.mark.parametrize("again", [filtered, by_an_edited_plan, gone_from_the_vault])
def test_what_a_later_run_leaves_out_is_no_part_of_the_transfer_any_more(
    again: Callable[[World, str], None],
) -> None:
    with world() as place:
        job_id = stopped(place)
        again(place, job_id)
        state = place.until_ended(job_id)
        assert (state.status, state.closed, state.run) == (JobStatus.COMPLETE, True, 2)
        assert place.counts(job_id) == {"COPIED": 1}
        assert place.verification(job_id).proven
        assert [row.key for row in manifest_rows(place.s3, JOBS_BUCKET, job_id)] == ["in/0.jpg"]
        assert not [queue.dead for queue in place.services.queues.values() if queue.dead]


def test_what_was_left_out_can_be_taken_in_again() -> None:
    with world() as place:
        job_id = stopped(place)
        filtered(place, job_id)
        place.until_ended(job_id)
        assert place.ask("POST", "/vault-transfers", ASKED)[0] == 202
        assert place.until_ended(job_id).status is JobStatus.COMPLETE
        assert place.counts(job_id) == {"COPIED": 3}
        assert place.verification(job_id).proven
