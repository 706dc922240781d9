"""What comparing a vault with S3 came to: every archive is in S3 intact, or it is told which are not."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Doubt(StrEnum):
    """Why an archive of the inventory is not proven to be in S3."""

    FAILED = "Failed"
    """The transfer has not brought it to S3."""
    EXCLUDED = "Excluded"
    """The plan left it out."""
    NOT_PLANNED = "NotPlanned"
    """The plan does not know it: added since, or the plan was edited."""
    UNREADABLE = "UnreadableRow"
    """A line of the inventory that cannot be read."""
    DIFFERS = "Differs"
    """The inventory, the manifest and S3 do not say the same of it."""
    MISSING = "Missing"
    """Nothing is at its key."""
    UNPROVEN = "Unproven"
    """Its object is there, and nothing proves its bytes: verify by reading."""
    NOT_CHECKED = "NotChecked"
    """S3 refused to tell."""


class Problem(NamedTuple):
    """An archive that is not proven to be in S3. `key` is "" where no plan gave it one."""

    archive_id: str
    key: str
    size_bytes: int
    doubt: Doubt
    detail: str


@dataclass
class Verdict:
    """Counts as they add up. `archives` are those of the inventory, bytes of them; `gone` are in S3 by the
    manifest and not in the inventory any more."""

    vault: str
    destination: str
    inventory: str
    read: bool
    archives: int = 0
    size_bytes: int = 0
    intact: int = 0
    gone: int = 0
    doubts: Counter[Doubt] = field(default_factory=Counter[Doubt])

    @property
    def is_safe(self) -> bool:
        """Whether every archive of the inventory, and one at least, is in S3 intact."""
        return self.archives > 0 and self.intact == self.archives and not self.doubts

    @property
    def line(self) -> str:
        """One line that is fit to decide by on deleting the vault."""
        if self.is_safe:
            how = "every byte read" if self.read else "by S3's checksums"
            return (
                f"SAFE: all {self.archives:,} archives ({self.size_bytes:,} bytes) of vault {self.vault} in"
                f" {self.inventory} are intact in {self.destination}, {how}. What was added to the vault"
                " after that inventory is not covered."
            )
        if not self.archives and not self.doubts:
            return f"NOT SAFE: {self.inventory} has no archives: nothing of vault {self.vault} is proven."
        found = ", ".join(f"{count:,} {doubt}" for doubt, count in sorted(self.doubts.items()))
        return (
            f"NOT SAFE: {self.doubts.total():,} of {self.archives:,} archives of vault {self.vault} in"
            f" {self.inventory} are not proven to be in {self.destination}: {found}. Do not delete the vault."
        )
