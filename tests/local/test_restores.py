"""Restores in the emulator's S3 as AWS makes them: in their time, of the version asked for, and listed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.emulator import Emulator
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import TierType

pytestmark = pytest.mark.emulator

RESTORE_SECONDS, DAY_SECONDS = 1.0, 3.0
KEY = "a/ü +%.bin"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(restore_seconds=RESTORE_SECONDS, day_seconds=DAY_SECONDS) as running:
        running.client("s3").create_bucket(Bucket="plain")
        running.client("s3").create_bucket(Bucket="kept")
        running.client("s3").put_bucket_versioning(
            Bucket="kept", VersioningConfiguration={"Status": "Enabled"}
        )
        yield running


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> "S3Client":
    return emulator.client("s3")


def archive(s3: "S3Client", bucket: str, key: str = KEY, storage_class: Any = "GLACIER") -> str:
    """Stores an archived object; its version."""
    answer = s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), StorageClass=storage_class)
    return answer.get("VersionId", "null")


def restore(
    s3: "S3Client",
    bucket: str,
    key: str,
    version: str = "null",
    *,
    days: int = 100,
    tier: "TierType" = "Bulk",
) -> None:
    s3.restore_object(
        Bucket=bucket,
        Key=key,
        VersionId=version,
        RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": tier}},
    )


def status(s3: "S3Client", key: str, *, asked: bool = True) -> Any:
    """The RestoreStatus of a key in `plain`, as it is listed."""
    more: Any = {"OptionalObjectAttributes": ["RestoreStatus"]} if asked else {}
    (item,) = s3.list_objects_v2(Bucket="plain", Prefix=key, **more).get("Contents", [])
    return item.get("RestoreStatus")


def version_status(s3: "S3Client") -> dict[str, Any]:
    """The RestoreStatus of each version in `kept`, by version."""
    answer = s3.list_object_versions(Bucket="kept", OptionalObjectAttributes=["RestoreStatus"])
    return {item.get("VersionId", ""): item.get("RestoreStatus") for item in answer.get("Versions", [])}


def test_a_restore_takes_the_time_and_lasts_the_days_that_were_chosen(s3: "S3Client") -> None:
    archive(s3, "plain")
    restore(s3, "plain", KEY, days=1)
    first = s3.head_object(Bucket="plain", Key=KEY).get("Restore", "")
    assert 'ongoing-request="true"' in first
    done = eventually(
        lambda: s3.head_object(Bucket="plain", Key=KEY).get("Restore", "").partition("expiry")[1]
    )
    assert done, "readable well before the emulator's own delay and days"
    eventually(lambda: "Restore" not in s3.head_object(Bucket="plain", Key=KEY), seconds=2 * DAY_SECONDS)


def test_a_listing_shows_the_restore_status_when_it_is_asked_for(s3: "S3Client") -> None:
    archive(s3, "plain", "listed é")
    assert status(s3, "listed é") is None
    restore(s3, "plain", "listed é")
    assert status(s3, "listed é") == {"IsRestoreInProgress": True}
    found = eventually(
        lambda: status(s3, "listed é") if status(s3, "listed é").get("RestoreExpiryDate") else None
    )
    assert found["IsRestoreInProgress"] is False
    assert status(s3, "listed é", asked=False) is None


def test_a_restore_of_a_version_is_of_that_version_alone(s3: "S3Client") -> None:
    old, current = archive(s3, "kept"), archive(s3, "kept")
    restore(s3, "kept", KEY, old)
    seen = version_status(s3)
    assert (seen[old], seen[current]) == ({"IsRestoreInProgress": True}, None)
    eventually(lambda: "RestoreExpiryDate" in version_status(s3)[old])
    assert 'ongoing-request="false"' in s3.head_object(Bucket="kept", Key=KEY, VersionId=old)["Restore"]
    assert "Restore" not in s3.head_object(Bucket="kept", Key=KEY)
    assert s3.get_object(Bucket="kept", Key=KEY, VersionId=old)["Body"].read() == KEY.encode()
    with pytest.raises(s3.exceptions.InvalidObjectState):
        s3.get_object(Bucket="kept", Key=KEY)


def test_a_lapsed_restore_of_a_version_is_forgotten(s3: "S3Client") -> None:
    old = archive(s3, "kept", "lapses")
    archive(s3, "kept", "lapses")
    restore(s3, "kept", "lapses", old, days=1)
    eventually(lambda: "RestoreExpiryDate" in (version_status(s3)[old] or {}))
    eventually(lambda: version_status(s3)[old] is None)
    assert "Restore" not in s3.head_object(Bucket="kept", Key="lapses", VersionId=old)


def test_a_restore_of_a_version_that_is_not_there_is_refused(s3: "S3Client") -> None:
    archive(s3, "kept", "one version")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchVersion"):
        restore(s3, "kept", "one version", "other")


def test_expedited_is_for_glacier_and_not_for_deep_archive(s3: "S3Client") -> None:
    archive(s3, "plain", "deep", "DEEP_ARCHIVE")
    archive(s3, "plain", "shallow", "GLACIER")
    with pytest.raises(s3.exceptions.ClientError, match="Retrieval option is not supported"):
        restore(s3, "plain", "deep", tier="Expedited")
    restore(s3, "plain", "deep", tier="Standard")
    restore(s3, "plain", "shallow", tier="Expedited")


def test_an_archived_object_is_copied_only_when_it_is_readable_and_then_to_standard(s3: "S3Client") -> None:
    archive(s3, "plain", "source")
    source: Any = {"Bucket": "plain", "Key": "source"}
    with pytest.raises(s3.exceptions.ClientError, match="InvalidObjectState"):
        s3.copy_object(Bucket="plain", Key="copy", CopySource=source)
    upload = s3.create_multipart_upload(Bucket="plain", Key="copy")["UploadId"]
    with pytest.raises(s3.exceptions.ClientError, match="InvalidObjectState"):
        s3.upload_part_copy(Bucket="plain", Key="copy", CopySource=source, PartNumber=1, UploadId=upload)
    restore(s3, "plain", "source")
    eventually(lambda: "RestoreExpiryDate" in status(s3, "source"))
    s3.copy_object(Bucket="plain", Key="copy", CopySource=source)
    s3.copy_object(Bucket="plain", Key="again", CopySource=source, StorageClass="GLACIER")
    assert "StorageClass" not in s3.head_object(Bucket="plain", Key="copy"), "S3 does not name STANDARD"
    assert s3.head_object(Bucket="plain", Key="again")["StorageClass"] == "GLACIER"


def test_restores_under_way_leave_no_thread_each(emulator: Emulator, s3: "S3Client") -> None:
    def threads() -> int:
        status = Path(f"/proc/{emulator.pid}/status").read_text()
        return int(status.partition("Threads:")[2].split()[0])

    keys = [f"many/{number}" for number in range(40)]
    for key in keys:
        archive(s3, "plain", key)
    before = threads()
    for key in keys:
        restore(s3, "plain", key)
    assert threads() - before < len(keys) / 2
