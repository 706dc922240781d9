"""Nothing expires uncopied: what lapses is restored again, and what would lapse is extended."""

import time
from collections.abc import Iterator

import pytest

from local.emulator import Emulator
from tests.deployed.jobs import COLD, WARM, JobStack, job_stack
from tests.deployed.stack import Archived, archive
from tests.waiting import eventually
from thaw.core.job_states import JobStatus

pytestmark = pytest.mark.emulator

DAY_SECONDS = 5
A_FEW_HOURS = 4 * 3600 // DAY_SECONDS
"""In days of the emulator: within the margin of a day in which copies are extended."""

TO_WARM = {"storage_class": "STANDARD", "destination_bucket": WARM}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, restore_seconds=0.5, wait_scale=0.02, day_seconds=DAY_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def stack(emulator: Emulator) -> JobStack:
    return job_stack(emulator)


def copier_is(emulator: Emulator, *, enabled: bool) -> None:
    """Switches the copier on or off."""
    client = emulator.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName="thaw-copy-objects")["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping.get("UUID", ""), Enabled=enabled)


def sweep(stack: JobStack) -> None:
    """One run of the machine that the schedule starts."""
    client = stack.emulator.client("stepfunctions")
    arn = f"arn:aws:states:{stack.emulator.region}:{Emulator.account}:stateMachine:thaw-sweep-copies"
    execution = client.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    eventually(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING")
    assert client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def begin(stack: JobStack, prefix: str, days: int) -> tuple[str, list[Archived]]:
    """A job that copies, of three objects."""
    objects = archive(stack.emulator, COLD, [f"{prefix}{number}" for number in range(3)])
    begun = stack.create(bucket=COLD, prefix=prefix, tier="BULK", expiration_days=days, copy=TO_WARM)
    return begun["BulkJobId"], objects


def expiries(stack: JobStack, objects: list[Archived]) -> list[str]:
    """Until when the temporary copies are readable, as recorded."""
    items = stack.items()
    return [items[f"{one.bucket}/{one.key}", one.version_id]["restore_expires_at"]["S"] for one in objects]


def test_what_would_lapse_is_extended_which_its_record_shows(emulator: Emulator, stack: JobStack) -> None:
    copier_is(emulator, enabled=False)
    job_id, objects = begin(stack, "late/", A_FEW_HOURS)
    eventually(lambda: stack.objects(job_id) == {"RESTORED": 3})
    before, restored = expiries(stack, objects), time.monotonic()
    eventually(lambda: time.monotonic() > restored + 1)
    sweep(stack)
    eventually(lambda: all(new > old for new, old in zip(expiries(stack, objects), before, strict=True)))
    copier_is(emulator, enabled=True)
    assert stack.watch_until_ended(job_id) is JobStatus.COMPLETE
    assert all(verification.proven for verification in stack.proven(job_id))


def test_what_lapses_uncopied_is_told_restored_again_and_copied(emulator: Emulator, stack: JobStack) -> None:
    copier_is(emulator, enabled=False)
    job_id, objects = begin(stack, "lapsing/", 1)
    eventually(lambda: stack.objects(job_id) == {"EXPIRED": 3})
    stack.watch()
    assert not stack.state(job_id).ended
    assert "trouble" in stack.events(job_id)[-1]["EventId"]
    copier_is(emulator, enabled=True)

    def swept_and_ended() -> bool:
        if "EXPIRED" in stack.objects(job_id):
            sweep(stack)
        return stack.state(job_id).ended

    stack.watch_until(swept_and_ended)
    assert stack.state(job_id).status is JobStatus.COMPLETE
    assert stack.objects(job_id) == {"COPIED": len(objects)}
    assert all(verification.proven for verification in stack.proven(job_id))
