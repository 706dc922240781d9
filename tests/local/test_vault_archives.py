"""The archives of the demo's vault: every case is there, and they are the same each time."""

import random

import pytest

from local.demo.vault_archives import ArchiveFate, vault_archives
from local.launcher.glacier.archives import check_description

SEED = 7


@pytest.mark.parametrize("count", [100, 300])
def test_every_fate_format_and_size_is_among_them(count: int) -> None:
    archives = vault_archives(count, random.Random(SEED))
    assert len(archives) == count
    assert {one.fate for one in archives} == set(ArchiveFate)
    sizes = [len(one.body) for one in archives if one.fate is not ArchiveFate.TOO_LARGE]
    assert min(sizes) == 1
    assert sum(size > 16 * 1024 * 1024 for size in sizes) == 2, "two go in parts"
    for start in ("<m>", "<ArchiveMetadata>", '{"Path"', '{\\"path\\"', "C:\\", "../", "/", "x" * 1024):
        assert any(one.description.startswith(start) for one in archives), start
    assert any(not one.description for one in archives)
    named = [one.name for one in archives if one.name]
    assert len(set(named)) < len(named), "names collide"
    assert sorted(archives, key=lambda one: one.created) == list(archives)


def test_glacier_takes_every_description() -> None:
    for one in vault_archives(300, random.Random(SEED)):
        check_description(one.description)


def test_they_are_the_same_for_a_seed() -> None:
    first, second = (vault_archives(100, random.Random(SEED)) for _ in range(2))
    assert first == second
