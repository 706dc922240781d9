"""The functions of vault transfers: their size, time and variables; plain values."""

from collections.abc import Mapping

from infra.jobs.functions import JobFunctionSpec
from infra.names import Names, Place
from infra.state_machines.definitions import VAULT_MACHINES

WATCH_SECONDS = 300
"""Ours: it asks for archives for four minutes, and ends what it has begun."""

LARGEST_STORAGE_MB = 10_240
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

VAULT_FUNCTIONS: Mapping[str, JobFunctionSpec] = {
    "prepare_vault": JobFunctionSpec(3008, storage_mb=LARGEST_STORAGE_MB),
    "watch_vaults": JobFunctionSpec(1024, timeout_seconds=WATCH_SECONDS),
    "transfer_archives": JobFunctionSpec(1769),
    "transfer_large": JobFunctionSpec(1769, storage_mb=LARGEST_STORAGE_MB),
    "finish_vault": JobFunctionSpec(512),
}
"""By folder in lambdas/. 1,769 MB bring one whole CPU, which hashing needs:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

PREPARING = "prepare_vault"
"""The one that needs the libraries of the function that prepares jobs, and plans by Athena."""

MAX_RECEIVE_COUNT = 5
BATCH_SIZE = 10


def start_variables(names: Names, place: Place) -> dict[str, str]:
    """What functions of jobs find besides, where there are vaults: what begins a transfer."""
    return {"TRANSFER_VAULT_MACHINE_ARN": place.machine_arn(names.machine("transfer-vault"))}


def variables(names: Names, place: Place, queue_url: str) -> dict[str, str]:
    """What functions of vault transfers find besides what every function of jobs does."""
    machines = {
        f"{purpose.upper().replace('-', '_')}_MACHINE_ARN": place.machine_arn(names.machine(purpose))
        for purpose in VAULT_MACHINES
    }
    return {
        **machines,
        "VAULT_TOPIC_ARN": place.topic_arn(names.vault_topic),
        "VAULT_QUEUE_URL": queue_url,
        "VAULT_MAX_RECEIVE_COUNT": str(MAX_RECEIVE_COUNT),
    }


def own_variables(folder: str, names: Names) -> dict[str, str]:
    """What only this function finds."""
    if folder != PREPARING:
        return {}
    return {"ATHENA_WORK_GROUP": names.work_group, "ATHENA_DATABASE": names.database}
