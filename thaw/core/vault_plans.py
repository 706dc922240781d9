"""What a plan comes to, as numbers: nothing of an inventory is lost between the archives and the excluded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Exclusion(StrEnum):
    """Why a row of an inventory is not transferred."""

    NOT_AN_ARCHIVE = "NotAnArchive"
    """The row cannot be read as one of an inventory."""
    DUPLICATE_ID = "DuplicateId"
    TOO_LARGE = "TooLarge"
    """Larger than one object of S3 can be."""
    KEY_NOT_UNIQUE = "KeyNotUnique"
    BY_DATE = "FilteredByDate"
    BY_SIZE = "FilteredBySize"
    BY_NAME = "FilteredByName"


FILTERED = frozenset({Exclusion.BY_DATE, Exclusion.BY_SIZE, Exclusion.BY_NAME})
"""What the request leaves out; the others are left out whatever is asked."""


@dataclass(frozen=True)
class PlanFigures:
    """`excluded` counts rows by Exclusion. `renamed` keys were made valid or unique, `unnamed` archives have
    no name in their description; `existing` keys had an object already; `unused_names` are of archives that
    the inventory does not have. `single_part` archives are moved in one step; the others have `parts`.
    """

    rows_in: int
    archives: int
    size_bytes: int
    largest_bytes: int
    renamed: int = 0
    unnamed: int = 0
    existing: int = 0
    unused_names: int = 0
    single_part: int = 0
    parts: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def filtered(self) -> int:
        return sum(rows for reason, rows in self.excluded.items() if reason in FILTERED)

    @property
    def duplicates(self) -> int:
        return self.excluded.get(Exclusion.DUPLICATE_ID, 0)

    @property
    def rejects(self) -> int:
        return sum(self.excluded.values()) - self.filtered - self.duplicates

    def with_more(self, more: "PlanFigures") -> "PlanFigures":
        """These and those of other rows of the same inventory."""
        reasons = {*self.excluded, *more.excluded}
        return PlanFigures(
            rows_in=self.rows_in + more.rows_in,
            archives=self.archives + more.archives,
            size_bytes=self.size_bytes + more.size_bytes,
            largest_bytes=max(self.largest_bytes, more.largest_bytes),
            renamed=self.renamed + more.renamed,
            unnamed=self.unnamed + more.unnamed,
            existing=self.existing + more.existing,
            unused_names=self.unused_names + more.unused_names,
            single_part=self.single_part + more.single_part,
            parts=self.parts + more.parts,
            excluded={
                each: self.excluded.get(each, 0) + more.excluded.get(each, 0) for each in sorted(reasons)
            },
        )
