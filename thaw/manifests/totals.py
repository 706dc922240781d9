"""Objects and bytes by storage class and by bucket, added up while the output is written."""

from collections import Counter

import pyarrow as pa

from thaw.core.jobs import Totals


class RunningTotals:
    """Adds up the answers to `rules.TOTALS_SQL`."""

    def __init__(self) -> None:
        self.objects_of_unknown_size = 0
        self._objects: Counter[tuple[str, str]] = Counter()
        self._bytes: Counter[tuple[str, str]] = Counter()

    def add(self, answer: pa.Table) -> None:
        for row in answer.to_pylist():
            group = row["bucket"], row["storage_class"]
            self._objects[group] += row["objects"]
            self._bytes[group] += int(row["size_bytes"])
            self.objects_of_unknown_size += row["unknown"]

    @property
    def size_bytes(self) -> int:
        return self._bytes.total()

    def by_bucket(self) -> dict[str, Totals]:
        return self._by(0)

    def by_storage_class(self) -> dict[str, Totals]:
        return self._by(1)

    def _by(self, part: int) -> dict[str, Totals]:
        return {
            name: Totals(
                sum(count for group, count in self._objects.items() if group[part] == name),
                sum(count for group, count in self._bytes.items() if group[part] == name),
            )
            for name in sorted({group[part] for group in self._objects})
        }
