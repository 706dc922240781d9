"""Finds the objects of archives at whose keys something was when they were planned.

So nothing is retrieved that is there already, and nothing for a place that is taken.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from thaw.core.archives import PlannedArchive
from thaw.core.job_states import JobState
from thaw.core.vault_needs import failed
from thaw.vaults.errors import ArchiveRefusedError, UnprovenObjectError
from thaw.vaults.landings import Landings
from thaw.vaults.news import News
from thaw.vaults.outcomes import Transferred
from thaw.vaults.shipments import Shipment

_THREADS = 8


@dataclass(frozen=True)
class LookUp:
    """Looks under the stack's rules. `now()` is fixed-width ISO-8601."""

    landings: Landings
    now: Callable[[], str]

    def __call__(self, state: JobState, archives: Sequence[PlannedArchive]) -> dict[str, News]:
        """What is known of `archives` by their ids: they are copied, or something else is at their key.
        Of those that have to be retrieved nothing is said. Raises ClientError."""
        if not archives:
            return {}
        with ThreadPoolExecutor(_THREADS) as pool:
            found = pool.map(partial(self._look, state), archives)
            told = zip(archives, found, strict=True)
            return {archive.archive_id: news for archive, each in told for news in each}

    def _look(self, state: JobState, archive: PlannedArchive) -> list[News]:
        return list(self._news(state, archive))

    def _news(self, state: JobState, archive: PlannedArchive) -> Iterator[News]:
        vault = state.request.vault.vault if state.request.vault else ""
        try:
            landing = self.landings.of(state.request, archive.key)
            shipment = Shipment(state.job_id, vault, archive, landing)
            found = shipment.found()
        except ArchiveRefusedError as exc:
            yield News(failed(self.now(), exc.code, str(exc)), {})
            return
        except UnprovenObjectError:
            return
        if found is not None:
            done = Transferred(self.now(), shipment, found)
            yield News(done.news, done.extras)
