"""What a preparation has counted so far, by the same rule as a manifest's summary."""

from dataclasses import dataclass, field

from thaw.core.jobs import Totals
from thaw.core.records import UNKNOWN


@dataclass
class Tally:
    """Rows in, and what became of each: an object, a duplicate, filtered, or a reject.

    `objects_of_unknown_size` are among the objects, and add nothing to the bytes.
    """

    rows_in: int = 0
    duplicates: int = 0
    filtered: int = 0
    rejects: int = 0
    objects_of_unknown_size: int = 0
    by_storage_class: dict[str, Totals] = field(default_factory=dict[str, Totals])

    def take(self, storage_class: str, size_bytes: int | None) -> None:
        """One more object; "" is an unknown class, None an unknown size."""
        name = storage_class or UNKNOWN
        objects, known = self.by_storage_class.get(name, Totals(0, 0))
        self.by_storage_class[name] = Totals(objects + 1, known + (size_bytes or 0))
        self.objects_of_unknown_size += size_bytes is None

    @property
    def totals(self) -> Totals:
        """Of all objects."""
        parts = self.by_storage_class.values()
        return Totals(sum(part.objects for part in parts), sum(part.size_bytes for part in parts))
