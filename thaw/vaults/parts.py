"""Transfers parts of an archive, several at a time: read, checked, sent, written down."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from thaw.copying.errors import NoTimeLeftError
from thaw.core.archive_parts import Part
from thaw.store.vault_uploads import OpenUpload
from thaw.vaults.retrieving import Output, read_part
from thaw.vaults.shipments import Shipment
from thaw.vaults.spools import spool
from thaw.vaults.uploads import Uploads

CONCURRENCY = 4
"""Archives or parts that one function transfers at a time: each holds one part."""

DISK_BYTES = 9 * 2**30
"""Of parts that are too large for memory; the function has 10 GiB of disk."""


@dataclass(frozen=True)
class Parts:
    """Transfers parts; `seconds_left()` is the function's time."""

    uploads: Uploads
    pool: Executor
    seconds_left: Callable[[], float]

    def transfer(self, output: Output, upload: OpenUpload, shipment: Shipment, parts: Iterable[Part]) -> int:
        """Transfers those of `parts` that are not written down; how many these were.

        Raises the first error; NoTimeLeftError when the function's time is used up before all have begun.
        """
        chosen = list(parts)
        done = self.uploads.rows.parts(upload, chosen[0].number, chosen[-1].number) if chosen else {}
        missing = [part for part in chosen if part.number not in done]

        def transfer(part: Part) -> None:
            if self.seconds_left() <= 0:
                raise NoTimeLeftError(f"The function's time is over at part {part.number} of {upload.key}.")
            with spool(part.size_bytes) as held:
                hashes = read_part(output, part, held.write)
                self.uploads.send(upload, shipment.landing, part, hashes, held.body())

        futures = [self.pool.submit(transfer, part) for part in missing]
        try:
            for future in futures:
                future.result()
        finally:
            for future in futures:
                future.cancel()
        return len(missing)


def concurrency(part_bytes: int) -> int:
    """How many parts of this size a function holds at a time."""
    return max(1, min(CONCURRENCY, DISK_BYTES // part_bytes))
