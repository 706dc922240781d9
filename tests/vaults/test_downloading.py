"""Downloads of inventories: all of it, checked, and nothing of another one."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from local.launcher.glacier.faults import Fault
from tests.vaults import preparations
from tests.vaults.preparations import JOB, JOBS_BUCKET, RETRIEVAL_SECONDS, VAULT, World
from thaw.core.vault_files import inventory_file
from thaw.core.vault_states import Inventory
from thaw.vaults.downloading import InventoryDownload
from thaw.vaults.errors import InventoryError, OutputDiffersError, OutputGoneError

KEY = inventory_file(JOB, "csv")
DATE = "2026-11-20T00:00:00.000Z"
PART = 5 * 2**20


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with preparations.world() as made:
        yield made


def retrieved(world: World, seconds: float = RETRIEVAL_SECONDS) -> Inventory:
    """An inventory that Glacier was asked for so long ago."""
    answer = world.server.client().initiate_job(
        vaultName=VAULT, jobParameters={"Type": "inventory-retrieval", "Format": "CSV"}
    )
    world.server.advance(seconds)
    return Inventory(retrieval_job_id=answer["jobId"], key=KEY, inventory_date=DATE)


def big(world: World) -> bytes:
    """An inventory of more than two parts, as Glacier holds it from now on."""
    [job] = world.server.vault(VAULT, preparations.REGION).jobs.values()
    job.output = bytes(range(256)) * (9 * 2**20 // 256) + b"end"
    return job.output


def download(world: World) -> InventoryDownload:
    return InventoryDownload(world.server.client(), world.s3, JOBS_BUCKET, PART)


def test_it_is_all_there_and_checked(world: World) -> None:
    inventory = retrieved(world)
    body = big(world)
    done = download(world).go_on(VAULT, inventory, lambda: 900.0)
    assert (done.checked, done.size_bytes, done.read_bytes) == (True, len(body), len(body))
    assert done.inventory_date == inventory.inventory_date == DATE, "its retrieval tells no other"
    assert world.read(KEY) == body
    assert download(world).go_on(VAULT, done, lambda: 0.0) == done, "what is checked is not downloaded again"


def test_parts_of_an_upload_that_nobody_has_told_of_are_not_taken_for_its_own(world: World) -> None:
    left = world.s3.create_multipart_upload(Bucket=JOBS_BUCKET, Key=KEY)["UploadId"]
    world.s3.upload_part(Bucket=JOBS_BUCKET, Key=KEY, UploadId=left, PartNumber=1, Body=b"z" * PART)
    other = world.s3.create_multipart_upload(Bucket=JOBS_BUCKET, Key=f"{KEY}.other")["UploadId"]
    inventory = retrieved(world)
    body = big(world)
    download(world).go_on(VAULT, inventory, lambda: 900.0)
    assert world.read(KEY) == body
    open_now = world.s3.list_multipart_uploads(Bucket=JOBS_BUCKET).get("Uploads", [])
    assert [each.get("UploadId") for each in open_now] == [other], "an upload of another key is not touched"


def test_it_goes_on_behind_the_last_whole_part(world: World) -> None:
    inventory = retrieved(world)
    body = big(world)
    calls = iter((900.0, 0.0))
    part = download(world).go_on(VAULT, inventory, lambda: next(calls))
    assert (part.checked, part.read_bytes) == (False, PART)
    [upload] = world.s3.list_multipart_uploads(Bucket=JOBS_BUCKET).get("Uploads", [])
    upload_id = upload.get("UploadId", "")
    world.s3.upload_part(Bucket=JOBS_BUCKET, Key=KEY, UploadId=upload_id, PartNumber=2, Body=b"short")
    assert download(world).go_on(VAULT, part, lambda: 900.0).checked
    assert world.read(KEY) == body


def test_a_range_whose_connection_breaks_is_read_again(world: World) -> None:
    inventory = retrieved(world)
    body = big(world)
    world.server.glacier.faults.add(Fault("short-output", times=2))
    assert download(world).go_on(VAULT, inventory, lambda: 900.0).checked
    assert world.read(KEY) == body


def test_an_inventory_that_is_not_there_yet_is_not_taken_for_an_empty_one(world: World) -> None:
    with pytest.raises(
        InventoryError, match=f"tells no size of inventory .* of vault {VAULT}: it is not there yet"
    ):
        download(world).go_on(VAULT, retrieved(world, 5), lambda: 900.0)


def test_an_inventory_whose_window_is_over_is_told(world: World) -> None:
    inventory = retrieved(world)
    job_id = inventory.retrieval_job_id
    client = world.server.client()
    original = client.describe_job(vaultName=VAULT, jobId=job_id)
    world.server.vault(VAULT, preparations.REGION).jobs[job_id].expires = world.server.glacier.now
    made = download(world)
    made.glacier.describe_job = lambda **_: original  # type: ignore[method-assign]
    with pytest.raises(OutputGoneError):
        made.go_on(VAULT, inventory, lambda: 900.0)


def test_less_than_glacier_tells_of_is_refused(world: World) -> None:
    inventory = retrieved(world)
    made = download(world)
    original = made.glacier.describe_job(vaultName=VAULT, jobId=inventory.retrieval_job_id)
    longer = {**original, "InventorySizeInBytes": original.get("InventorySizeInBytes", 0) + 1}
    made.glacier.describe_job = lambda **_: longer  # type: ignore[method-assign]
    with pytest.raises(OutputDiffersError):
        made.go_on(VAULT, inventory, lambda: 900.0)
    assert world.keys() == []


def test_what_somebody_gives_is_copied(world: World) -> None:
    world.s3.put_object(Bucket=preparations.FILES, Key="mine.csv", Body=b"ArchiveId,...")
    given = Inventory(source=f"s3://{preparations.FILES}/mine.csv", key=KEY)
    done = download(world).go_on(VAULT, given, lambda: 0.0)
    assert done == replace(given, size_bytes=13, read_bytes=13, checked=True)
    assert world.read(KEY) == b"ArchiveId,..."
