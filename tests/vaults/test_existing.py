"""What is at the key of an archive: its object, proven, or a conflict."""

from collections.abc import Mapping

import pytest

from tests.vaults.transfers import JOB, LIVE, MIB, VAULT, World, content
from thaw.core.archive_metadata import metadata
from thaw.vaults import existing
from thaw.vaults.errors import ArchiveRefusedError, UnprovenObjectError
from thaw.vaults.existing import Found, already_there
from thaw.vaults.landings import Landing


def landing(world: World) -> Landing:
    return world.archives.landings.of(world.states.read(JOB).request, "in/a")


def put(world: World, body: bytes, told: Mapping[str, str] | None = None, **more: str) -> None:
    """An object at the key of the first archive."""
    named = metadata(VAULT, world.planned[0]) if told is None else dict(told)
    world.s3.put_object(Bucket=LIVE, Key="in/a", Body=body, Metadata=named, **more)  # type: ignore[arg-type]


def look(world: World, checksum: str = "") -> Found | None:
    return already_there(landing(world), VAULT, world.planned[0], checksum)


def test_nothing_is_there(world: World) -> None:
    world.add(b"abc", "in/a")
    assert look(world) is None


@pytest.mark.parametrize("size", [1, MIB, MIB + 1, 3 * MIB])
@pytest.mark.parametrize("algorithm", ["SHA256", "CRC32"])
def test_its_own_object_is_proven_by_its_checksum_or_by_reading_it(
    world: World, size: int, algorithm: str
) -> None:
    body = content(size)
    world.add(body, "in/a")
    put(world, body, ChecksumAlgorithm=algorithm)
    calls = world.calls()
    assert look(world) is not None
    assert calls.count("s3.GetObject") == int(algorithm == "CRC32" or size > MIB)


@pytest.mark.parametrize("size", [5, MIB + 5])
def test_other_bytes_of_the_same_size_are_a_conflict(world: World, size: int) -> None:
    body = content(size)
    world.add(body, "in/a")
    put(world, body[:-1] + b"!", ChecksumAlgorithm="SHA256")
    with pytest.raises(ArchiveRefusedError, match="and its bytes are others") as raised:
        look(world)
    assert raised.value.code == "ObjectConflict"


def test_another_size_or_another_archive_is_a_conflict(world: World) -> None:
    world.add(b"abc", "in/a")
    own = metadata(VAULT, world.planned[0])
    others: list[tuple[bytes, dict[str, str]]] = [
        (b"abcd", own),
        (b"abc", {}),
        (b"abc", {**own, "glacier-archive-id": "another"}),
        (b"abc", {**own, "glacier-vault": "another"}),
        (b"abc", {**own, "glacier-sha256-tree-hash": "0" * 64}),
    ]
    for body, told in others:
        put(world, body, told)
        with pytest.raises(ArchiveRefusedError, match="is no object of archive"):
            look(world)


def test_the_checksum_that_s3_would_tell_decides(world: World) -> None:
    body = content(2 * MIB)
    world.add(body, "in/a")
    put(world, body, ChecksumAlgorithm="SHA256")
    told = look(world)
    assert told is not None
    calls = world.calls()
    assert look(world, told.checksum) == told
    with pytest.raises(ArchiveRefusedError):
        look(world, "SHA256:another-2")
    assert calls.count("s3.GetObject") == 0


def test_an_object_too_large_to_be_read_is_not_taken_for_the_archive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = content(2 * MIB)
    world.add(body, "in/a")
    put(world, body)
    monkeypatch.setattr(existing, "READ_BYTES", MIB)
    with pytest.raises(UnprovenObjectError, match="more than are read to prove it"):
        look(world)


def test_an_archived_object_is_not_read(world: World) -> None:
    body = content(2 * MIB)
    world.add(body, "in/a")
    put(world, body, StorageClass="GLACIER")
    with pytest.raises(UnprovenObjectError, match="cannot be read to prove it"):
        look(world)
