"""The runs of a vault transfer: what its state remembers from one to the next."""

import hashlib
import json
import re
from dataclasses import replace

from thaw.core.job_states import JobState
from thaw.core.vault_states import VaultState

_NAME_CHARACTERS = 40
_DIGEST_CHARACTERS = 8
_NOT_KEPT = re.compile(r"[^A-Za-z0-9-]")


def vault_job_id(vault: str, bucket: str, prefix: str) -> str:
    """The id of the transfer of `vault` to `prefix` in `bucket`, always the same: there is one at a time."""
    place = json.dumps([vault, bucket, prefix]).encode()
    digest = hashlib.sha256(place).hexdigest()[:_DIGEST_CHARACTERS]
    return f"vault-{_NOT_KEPT.sub('', vault)[:_NAME_CHARACTERS]}-{digest}"


def validated(vault: VaultState, job: JobState) -> VaultState:
    """`vault`, once the request of the job's run is found good; again for the same run, it is as it was.

    A run that plans anew forgets the inventory and the plan of the run before; their files stay.
    """
    if vault.validated_run >= job.run:
        return vault
    if job.request.vault is not None and job.request.vault.replan:
        vault = replace(vault, inventory=None, plan=None, next_part=0, next_line=0)
    return replace(vault, validated_run=job.run)


def begun(vault: VaultState, run: int) -> VaultState:
    """`vault` as `run` begins to request: from the start of the plan, where what is done is passed over.

    The manifest of the run before, and why nothing was requested for a while, are of the past.
    """
    if vault.run == run:
        return vault
    return replace(
        vault,
        run=run,
        next_part=0,
        next_line=0,
        paused_until="",
        pause_reason="",
        held="",
        conflict="",
        refused=(),
        refusal="",
        swept_at="",
        sweep_began_at="",
        manifest_execution="",
        manifest_attempts=0,
    )
