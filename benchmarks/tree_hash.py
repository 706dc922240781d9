"""What the tree hash costs beside plain SHA-256 of the same bytes, on one core and on several."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks.timing import in_turns
from thaw.core.tree_hash import TreeHash

MIB = 2**20
BYTES = 64 * MIB
PIECE_BYTES = MIB
"""As `thaw.vaults.retrieving` reads."""

ROUNDS = 7
TARGET = 0.9

Act = Callable[[list[bytes]], None]


def main(size_bytes: int = BYTES, rounds: int = ROUNDS) -> None:
    """Prints both, as MiB a second and as ratios of this run."""
    data = os.urandom(size_bytes)
    pieces = [data[at : at + PIECE_BYTES] for at in range(0, size_bytes, PIECE_BYTES)]
    sides: dict[str, Act] = {"sha256": plain, "tree hash": tree, "both": together}
    sides |= {_threads(count): partial(side_by_side, count) for count in _up_to(_cores())}
    times = in_turns({name: partial(act, pieces) for name, act in sides.items()}, rounds)
    rates = {name: size_bytes / MIB / min(seconds) for name, seconds in times.items()}
    rates |= {_threads(count): count * rates[_threads(count)] for count in _up_to(_cores())}
    print(f"{size_bytes // MIB} MiB in pieces of 1 MiB, the fastest of {rounds} rounds; a part needs both")
    for name, rate in rates.items():
        print(f"  {name:22} {rate:6.0f} MiB/s  {rate / rates['sha256']:5.2f} of sha256")
    print(f"  target: tree hash at least {TARGET} of sha256; threads: each hashes all bytes")


def plain(pieces: list[bytes]) -> None:
    """SHA-256 of all."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
    whole.digest()


def tree(pieces: list[bytes]) -> None:
    """The tree hash of all."""
    whole = TreeHash()
    for piece in pieces:
        whole.update(piece)
    whole.digest()


def together(pieces: list[bytes]) -> None:
    """Both in one pass, as a part of an archive needs them: Glacier's hash, and S3's checksum."""
    whole, checksum = TreeHash(), hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
        checksum.update(piece)
    whole.digest()
    checksum.digest()


def side_by_side(count: int, pieces: list[bytes]) -> None:
    """The tree hash on several threads at once, each of all bytes."""
    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(tree, pieces) for _ in range(count)]:
            future.result()


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _threads(count: int) -> str:
    return f"tree hash, {count} threads"


def _up_to(cores: int) -> list[int]:
    """2, 4, ... and all cores."""
    return sorted({*(1 << power for power in range(1, cores.bit_length())), max(cores, 2)})
