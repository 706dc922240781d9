"""The published durations: for every tier that S3 has, and for no other."""

from thaw.core.archives import VAULT_CLASS
from thaw.core.prices import ARCHIVE_CLASSES, TIERS
from thaw.core.retrieval import TYPICAL_HOURS


def test_every_tier_has_its_hours_but_expedited_of_deep_archive_which_does_not_exist() -> None:
    classes = (*ARCHIVE_CLASSES, VAULT_CLASS)
    pairs = {(storage_class, tier) for storage_class in classes for tier in TIERS}
    assert set(TYPICAL_HOURS) == pairs - {("DEEP_ARCHIVE", "Expedited")}


def test_the_hours_are_those_of_the_guide() -> None:
    assert [round(TYPICAL_HOURS["GLACIER", tier] * 60) for tier in TIERS] == [5, 5 * 60, 12 * 60]
    assert [round(TYPICAL_HOURS[VAULT_CLASS, tier] * 60) for tier in TIERS] == [5, 5 * 60, 12 * 60]
    assert TYPICAL_HOURS["DEEP_ARCHIVE", "Standard"] == 12
    assert TYPICAL_HOURS["DEEP_ARCHIVE", "Bulk"] == 48
