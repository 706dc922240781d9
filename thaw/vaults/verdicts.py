"""What comparing a vault with S3 came to: every archive is in S3 intact, or it is told which are not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from thaw.vaults.last_inventories import LastInventory

ADDED_BYTES = 40 * 1024
"""What Glacier adds to the size of each archive at most, index and metadata, in the size of a vault.
https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-get.html"""


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
    EXPIRES = "Expires"
    """A lifecycle rule deletes its object."""
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
    manifest and not in the inventory any more.

    `inventory` is in words, `inventory_date` fixed-width ISO-8601, "" if nobody knows it; `last` is what
    Glacier tells of the vault now, None where the vault is no more."""

    vault: str
    destination: str
    inventory: str
    read: bool
    inventory_date: str
    last: LastInventory | None
    archives: int = 0
    size_bytes: int = 0
    intact: int = 0
    gone: int = 0
    doubts: Counter[Doubt] = field(default_factory=Counter[Doubt])

    @property
    def is_safe(self) -> bool:
        """Whether every archive of the inventory, and one at least, is in S3 intact, and the vault has no
        others as far as Glacier tells."""
        return self._are_intact and not self.gaps

    @property
    def _are_intact(self) -> bool:
        return self.archives > 0 and self.intact == self.archives and not self.doubts

    @property
    def gaps(self) -> tuple[str, ...]:
        """Why the inventory may not be all of the vault, in clauses."""
        if self.last is None:
            return ()
        if not self.last.date:
            return ("Glacier has made no inventory of the vault yet",)
        return tuple(self._gaps(self.last))

    def _gaps(self, last: LastInventory) -> Iterator[str]:
        told = f"the vault's last inventory, of {last.date},"
        if not self.inventory_date:
            yield "nobody knows the date of the one that was compared: give --inventory-date, or one in JSON"
        elif self.inventory_date < last.date:
            yield f"{told} is newer"
        if self.archives < last.archives:
            yield f"{told} has {last.archives:,} archives"
        elif self.size_bytes + self.archives * ADDED_BYTES < last.size_bytes:
            yield f"{told} has {last.size_bytes:,} bytes"

    @property
    def line(self) -> str:
        """One line that is fit to decide by on deleting the vault."""
        if self.is_safe:
            how = "every byte read" if self.read else "by S3's checksums"
            return (
                f"SAFE: all {self.archives:,} archives ({self.size_bytes:,} bytes) of vault {self.vault} in"
                f" {self.inventory} are intact in {self.destination}, {how}. {self._vault_now}"
            )
        if self._are_intact:
            return (
                f"NOT SAFE: the {self.archives:,} archives ({self.size_bytes:,} bytes) of vault {self.vault}"
                f" in {self.inventory} are intact in {self.destination}, but the vault may have others:"
                f" {', and '.join(self.gaps)}. Do not delete the vault; verify it by its last inventory."
            )
        if not self.archives and not self.doubts:
            return f"NOT SAFE: {self.inventory} has no archives: nothing of vault {self.vault} is proven."
        found = ", ".join(f"{count:,} {doubt}" for doubt, count in sorted(self.doubts.items()))
        return (
            f"NOT SAFE: {self.doubts.total():,} of {self.archives:,} archives of vault {self.vault} in"
            f" {self.inventory} are not proven to be in {self.destination}: {found}. Do not delete the vault."
        )

    @property
    def _vault_now(self) -> str:
        if self.last is None:
            return "The vault is not there any more, so the inventory was not held against it."
        return (
            f"The vault's last inventory, of {self.last.date}, has {self.last.archives:,} archives; what was"
            " added after it is not covered."
        )
