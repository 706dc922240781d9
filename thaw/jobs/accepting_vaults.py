"""Accepts the input of the state machine `transfer-vault`, where no job comes with it: a transfer, or its
next run."""

import hashlib
from dataclasses import dataclass, replace

from thaw.core.job_states import JobState
from thaw.core.vault_request_parsing import ResumedJob, parse_vault_input
from thaw.jobs.vault_jobs import VaultJobs

_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class VaultAcceptor:
    """Accepts what people start by themselves, or by the documents of Systems Manager."""

    jobs: VaultJobs

    def accept(self, body: object, execution: str) -> JobState:
        """The job for `body`, Preparing, carried out by `execution`, which may ask again and gets the same.

        Raises JobRefusedError, JobRunningError, AlreadyMovedError, NoTransferError, OtherCopyError and
        JobNotFoundError.
        """
        asked = parse_vault_input(body)
        key = hashlib.sha256(execution.encode()).hexdigest()[:_KEY_CHARACTERS]
        if isinstance(asked, ResumedJob):
            return self.jobs.resume(asked.job_id, asked.resume, key, execution).state
        return self.jobs.begin(replace(asked, idempotency_key=key), execution).state
