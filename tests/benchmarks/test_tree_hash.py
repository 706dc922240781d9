"""The benchmark of the tree hash still runs, and hashes what it says."""

import hashlib

import pytest

from benchmarks import tree_hash


def test_the_tree_hash_is_compared_with_plain_sha256(capsys: pytest.CaptureFixture[str]) -> None:
    tree_hash.main(size_bytes=2 * tree_hash.MIB, rounds=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2 MiB in pieces of 1 MiB")
    assert any(line.startswith("  tree hash ") and line.endswith("of sha256") for line in lines)


def test_its_sides_are_what_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []

    class Counting:
        """SHA-256 that tells what it was given."""

        def __init__(self, data: bytes = b"") -> None:
            """A pair of nodes: not of the data."""

        def update(self, data: bytes) -> None:
            hashed.append(bytes(data))

        def digest(self) -> bytes:
            return b"\0" * 32

    monkeypatch.setattr(hashlib, "sha256", Counting)
    pieces = [b"a" * tree_hash.MIB, b"b"]
    tree_hash.plain(pieces)
    assert hashed == pieces
    hashed.clear()
    tree_hash.tree(pieces)
    assert b"".join(hashed) == b"".join(pieces)
