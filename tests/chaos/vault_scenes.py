"""A vault with all that may be in it, where much goes wrong, and what must have become of each archive."""

import random
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from local.launcher.glacier import faults
from local.launcher.glacier.archives import Archive
from local.launcher.glacier.faults import Fault
from tests.vault_world.small_parts import MIB
from tests.vault_world.world import QUEUE_URL, VAULT, WARM, World

PREFIX = "in/"
COPIED = "COPIED"
FOREIGN = f"{PREFIX}somebody else's"
"""The key of an upload that is not ours, under our prefix."""


@dataclass(frozen=True)
class Planted:
    """An archive of the vault; `ends` is COPIED, or the error code that it must have."""

    name: str
    ends: str = COPIED
    size_bytes: int = 700
    fault: str = ""
    times: int = 1
    description: str = ""


SCENE = (
    Planted("a.txt", size_bytes=1),
    Planted("same.txt"),
    Planted("again/same.txt", description="same.txt"),
    Planted("empty", description=" "),
    Planted("fast.txt", description=f"<m><v>4</v><p>{b64encode(b'Photos/f.txt').decode()}</p></m>"),
    Planted("one part", size_bytes=MIB),
    Planted("two parts", size_bytes=MIB + 1),
    Planted("large.bin", size_bytes=5 * MIB + 3),
    Planted("taken.txt", "ObjectConflict"),
    Planted("gone.txt", "ArchiveNotFound"),
    Planted("fails once", fault=faults.FAILED_JOB),
    Planted("fails always", "RetrievalFailed", fault=faults.FAILED_JOB, times=0),
    Planted("lost", fault=faults.LOST),
    Planted("doubled", fault=faults.DOUBLED),
    Planted("early", fault=faults.EARLY),
    Planted("corrupt once", fault=faults.CORRUPT),
    Planted("short once", size_bytes=2 * MIB, fault=faults.SHORT),
    Planted("expired once", fault=faults.EXPIRED),
    Planted("refused once", fault=faults.ERROR),
    Planted("answer lost", fault=faults.LOST_ANSWER),
)


FEW = tuple(
    one for one in SCENE if one.name in ("a.txt", "same.txt", "again/same.txt", "large.bin", "gone.txt")
)
"""Enough of it where only one thing goes wrong."""


def plant(world: World, scene: tuple[Planted, ...] = SCENE) -> Mapping[str, Planted]:
    """Fills the vault, the bucket and the list of faults; gives what is planted by archive id."""
    vault = world.glacier.of(VAULT)
    planted: dict[str, Planted] = {}
    for number, one in enumerate(scene):
        created = world.clock.timestamp() - 1_000_000 + number
        archive = vault.add(_body(number, one.size_bytes), (one.description or one.name).strip(), created)
        planted[archive.archive_id] = one
        if one.fault:
            operation = "InitiateJob" if one.fault in _ASKING else "GetJobOutput"
            fault = Fault(one.fault, operation, archive_id=archive.archive_id, times=one.times)
            world.glacier.faults.add(fault)
    if any(one.ends == "ObjectConflict" for one in scene):
        world.s3.put_object(Bucket=WARM, Key=f"{PREFIX}taken.txt", Body=b"something else")
    world.s3.create_multipart_upload(Bucket=WARM, Key=FOREIGN)
    return planted


_ASKING = (faults.FAILED_JOB, faults.LOST, faults.DOUBLED, faults.EARLY, faults.ERROR, faults.LOST_ANSWER)


def delete_what_goes(world: World, planted: Mapping[str, Planted]) -> None:
    """The archives that somebody deletes after the inventory was taken."""
    vault = world.glacier.of(VAULT)
    for archive_id, one in planted.items():
        if one.ends == "ArchiveNotFound" and archive_id in vault.archives:
            vault.delete(archive_id, world.clock.timestamp())


def assert_all_is_well(world: World, job_id: str, planted: Mapping[str, Planted]) -> None:
    """Each archive is copied once and intact, or failed with its reason; nothing else is left behind."""
    vault = world.glacier.of(VAULT)
    held = {**vault.archives, **{archive_id: gone for archive_id, (gone, _) in vault.deleted.items()}}
    records = world.records()
    ends = {planted[archive_id].name: _end_of(record) for archive_id, record in records.items()}
    assert ends == {one.name: one.ends for one in planted.values()}, world.failures
    for archive_id, record in records.items():
        if record["status"] == COPIED:
            _assert_intact(world, held[archive_id], record)
    assert world.verification(job_id).differences == []
    assert _open_uploads(world) == [FOREIGN]
    assert [each.status for each in world.services.unended()] == []
    assert world.services.queue(QUEUE_URL).dead == []
    assert not world.services.queue(QUEUE_URL).waiting


def _end_of(record: Mapping[str, Any]) -> str:
    return record.get("error_code", record["status"]) if record["status"] != COPIED else COPIED


def _assert_intact(world: World, archive: Archive, record: Mapping[str, Any]) -> None:
    """One object, made once, of these bytes, that says of what archive it is."""
    bucket, _, key = record["destination"].removeprefix("s3://").partition("/")
    versions = world.s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    assert sum(each.get("Key") == key for each in versions) == 1, "made once"
    answer = world.s3.get_object(Bucket=bucket, Key=key)
    assert answer["Body"].read() == archive.body
    assert answer["Metadata"]["glacier-archive-id"] == archive.archive_id
    assert answer["Metadata"]["glacier-sha256-tree-hash"] == archive.sha256_tree_hash
    assert record["checksum"].startswith("SHA256:")


def _open_uploads(world: World) -> list[str]:
    uploads = world.s3.list_multipart_uploads(Bucket=WARM).get("Uploads", [])
    return [upload.get("Key", "") for upload in uploads]


@cache
def _body(number: int, size_bytes: int) -> bytes:
    """Bytes of no other archive."""
    return random.Random(number).randbytes(size_bytes)
