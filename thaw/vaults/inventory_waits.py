"""Wakes the step that waits for an inventory, when Glacier says that it is there.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thaw.store.error_codes import error_code
from thaw.store.vault_states import VaultStates

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_NOBODY_WAITS = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


def wake(vaults: VaultStates, make_client: "Callable[[], SFNClient]", job_id: str) -> bool:
    """Whether a step waited and goes on now; one that does not looks at the inventory by itself.

    Raises ClientError.
    """
    vault = vaults.find(job_id)
    if vault is None or not vault.token:
        return False
    try:
        make_client().send_task_success(taskToken=vault.token, output="{}")
    except ClientError as exc:
        if error_code(exc) not in _NOBODY_WAITS:
            raise
        return False
    return True
