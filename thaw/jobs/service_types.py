"""What the service of jobs works with, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from thaw.core.job_states import JobState
from thaw.core.jobs import Progress
from thaw.core.vault_states import VaultState
from thaw.store.vault_states import VaultStates


class Outcome(Enum):
    """What came of a request for a job."""

    STARTED = "started"
    PREPARING = "preparing"
    """Not started yet, when the wait for it ended."""
    REPEATED = "repeated"
    """The same request had been made before; nothing was begun."""
    FAILED = "failed"
    """Begun, and failed at once; the reason is in the state."""


class Created(NamedTuple):
    """A job as it is now, and how it came about."""

    state: JobState
    outcome: Outcome


class Shown(NamedTuple):
    """A job, and its progress, None before its objects are registered; of a transfer also how it stands with
    the vault, None before its request is found good."""

    state: JobState
    progress: Progress | None
    vault: VaultState | None = None


@dataclass(frozen=True)
class Tools:
    """What the service works with, apart from its clients.

    `progress` reads a job's progress (None before its objects are registered), `cancel_waves` cancels
    what of the job S3 Batch Operations still works on, `vaults` are the states of vault transfers, `token()`
    is random text of six characters.
    """

    progress: Callable[[str], Progress | None]
    cancel_waves: Callable[[JobState], object]
    vaults: VaultStates
    now: Callable[[], datetime]
    token: Callable[[], str]
