"""A vault from the call to the verdict, by the API and by runbook, under IAM enforcement."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import Emulator
from tests.deployed.jobs import WARM
from tests.deployed.runbooks import RunbookError, runbook
from tests.deployed.vaults import NAMES, VAULT, VaultStack, document, user_who_may, vault_stack
from tests.waiting import eventually
from thaw.core import archive_parts
from thaw.core.job_states import JobStatus
from thaw.core.times import to_iso
from thaw.store.vault_uploads import OpenUpload, VaultUploads

pytestmark = pytest.mark.emulator

MIB = 2**20
ARCHIVES: dict[str, bytes] = {
    "a.txt": b"a",
    "folder\\b.txt": b"bb",
    "": b"no description",
    '{"Path": "cloud/c.txt"}': b"ccc",
    "large.bin": bytes(range(256)) * (70 * MIB // 1024),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, glacier_seconds=0.3, wait_scale=0.02) as running:
        yield running


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> VaultStack:
    return vault_stack(emulator)


@pytest.fixture(scope="module")
def ids(stack: VaultStack) -> dict[str, str]:
    return stack.put(ARCHIVES)


def test_a_vault_is_moved_and_every_archive_accounted_for(stack: VaultStack, ids: dict[str, str]) -> None:
    job_id = stack.transfer(destination_prefix="api/")
    assert stack.watch_until_ended(job_id, 100.0) is JobStatus.COMPLETE
    found = stack.stored("api/")
    assert sorted(found.values()) == sorted(ARCHIVES.values())
    assert {"api/a.txt", "api/folder/b.txt", "api/cloud/c.txt", "api/large.bin"} < set(found)
    assert stack.objects(job_id) == {"COPIED": len(ids)}
    assert all(verification.proven for verification in stack.proven(job_id))
    assert stack.undelivered() == []
    assert stack.events(job_id)[-1]["Status"] == "Complete"
    shown = stack.call("GET", f"/jobs/{job_id}").body
    assert shown["Status"] == "Complete"


def test_objects_say_of_what_archive_they_are(stack: VaultStack, ids: dict[str, str]) -> None:
    head = stack.emulator.client("s3").head_object(Bucket=WARM, Key="api/a.txt")
    assert head["Metadata"]["glacier-archive-id"] == ids["a.txt"]
    assert head["Metadata"]["glacier-vault"] == VAULT


def test_an_archive_for_which_no_call_has_the_time_goes_through_a_machine_of_its_own(
    stack: VaultStack,
) -> None:
    body = bytes(range(251)) * (40 * MIB // 251)
    (archive_id,) = stack.put({"huge.bin": body}, "films").values()
    stack.emulator.control_glacier(fault={"kind": "lost-notification", "archive_id": archive_id})
    job_id = stack.transfer(vault="films", destination_prefix="films/")
    stack.watch_until(lambda: stack.state(job_id).requested)
    retrieval = eventually(lambda: succeeded(stack, archive_id))
    vault_uploads = VaultUploads(stack.emulator.client("dynamodb"), stack.outputs["jobs_table"])
    part_bytes = archive_parts.part_bytes(len(body))
    place = (job_id, archive_id, WARM, "films/huge.bin", part_bytes)
    vault_uploads.begin(OpenUpload(*place, to_iso(datetime.now(UTC)), retrieval))
    ended = stack.run("transfer_large_machine_arn", {"job_id": job_id, "part": 0, "line": 0})
    assert ended["status"] == "SUCCEEDED", ended
    assert stack.watch_until_ended(job_id) is JobStatus.COMPLETE
    assert stack.stored("films/") == {"films/huge.bin": body}


def succeeded(stack: VaultStack, archive_id: str) -> str | None:
    """The retrieval job of an archive, once it has succeeded."""
    listed = stack.emulator.client("glacier").list_jobs(vaultName="films", statuscode="Succeeded")
    found = (job.get("JobId") for job in listed["JobList"] if job.get("ArchiveId") == archive_id)
    return next(found, None)


def test_a_vault_that_the_stack_does_not_name_is_refused(stack: VaultStack) -> None:
    answer = stack.call("POST", "/vault-transfers", {"vault": "tapes", "destination_bucket": WARM})
    assert answer.status in (403, 422), answer


def test_a_runbook_begins_a_transfer_and_another_goes_on_with_it(
    stack: VaultStack, ids: dict[str, str]
) -> None:
    machine = stack.outputs["transfer_vault_machine_arn"]
    executions = f"{machine.replace(':stateMachine:', ':execution:')}:*"
    actions = ["states:StartExecution", "states:DescribeExecution"]
    operator = user_who_may(stack.emulator, "operator", actions, [machine, executions])
    names = f"archive_id,key\n{ids['a.txt']},renamed.txt\n"
    stack.emulator.client("s3").put_object(Bucket=NAMES, Key="names.csv", Body=names.encode())
    launch = runbook(document(stack, "launch"), operator, stack.emulator.endpoint_url, "launch-1")
    (arn,) = launch.run(
        Vault=VAULT,
        DestinationBucket=WARM,
        DestinationPrefix="form/",
        DryRun="true",
        MaxSizeBytes="1000",
        Names=f"s3://{NAMES}/names.csv",
    )
    client = stack.emulator.client("stepfunctions")

    def ended() -> Any:
        described = client.describe_execution(executionArn=arn)
        return described if described["status"] != "RUNNING" else None

    assert eventually(ended, 60.0)["status"] == "SUCCEEDED"
    (state,) = [each for each in stack.states.list(20).states if each.job_id != "" and _is(each, "form/")]
    assert state.status is JobStatus.DRY_RUN
    assert stack.stored("form/") == {}
    go_on = runbook(document(stack, "resume"), operator, stack.emulator.endpoint_url, "resume-1")
    go_on.run(JobId=state.job_id)
    assert stack.watch_until_ended(state.job_id, 60.0) is JobStatus.COMPLETE
    found = stack.stored("form/")
    assert found["form/renamed.txt"] == b"a"
    assert len(found) == len(ARCHIVES) - 1


def _is(state: Any, prefix: str) -> bool:
    return state.request.copy is not None and state.request.copy.destination_prefix == prefix


def test_a_runbook_fails_for_what_is_refused_and_for_who_may_not(stack: VaultStack) -> None:
    content = document(stack, "launch")
    nobody = user_who_may(stack.emulator, "nobody", ["s3:ListAllMyBuckets"], ["*"])
    asked = {"Vault": "films", "DestinationBucket": WARM, "DestinationPrefix": "films/"}
    with pytest.raises(ClientError, match="AccessDenied"):
        runbook(content, nobody, stack.emulator.endpoint_url, "launch-2").run(**asked)
    with pytest.raises(RunbookError, match="none of"):
        runbook(content, nobody, stack.emulator.endpoint_url, "launch-3").run(**{**asked, "Vault": "tapes"})
