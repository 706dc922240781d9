"""What tests of the functions of vaults share: their environment, over the world of a transfer."""

import boto3

from lambdas.transferring import Clients
from lambdas.vault_settings import VaultSettings
from tests.lambdas import job_functions
from tests.vaults.transfers import ACCOUNT, JOBS_BUCKET, MACHINE, MAX_RECEIVES, REGION, TOPIC, World
from thaw.copying.clients import Clients as S3Clients

_MACHINES = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine"

ENVIRONMENT = {
    **job_functions.ENVIRONMENT,
    "OBJECTS_TABLE": "objects",
    "ROLLUPS_TABLE": "rollups",
    "JOBS_TABLE": "jobs",
    "JOBS_BUCKET": JOBS_BUCKET,
    "ACCOUNT_ID": ACCOUNT,
    "VAULT_TOPIC_ARN": TOPIC,
    "VAULT_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/thaw-archives",
    "TRANSFER_VAULT_MACHINE_ARN": f"{_MACHINES}:thaw-transfer-vault",
    "TRANSFER_LARGE_MACHINE_ARN": MACHINE,
    "FINISH_VAULT_MACHINE_ARN": f"{_MACHINES}:thaw-finish-vault",
    "VAULT_MAX_RECEIVE_COUNT": str(MAX_RECEIVES),
}
"""As the stack gives it to every function of vaults."""


def settings(world: World) -> VaultSettings:
    """The environment, with the rules of a world."""
    return VaultSettings.from_environment({**ENVIRONMENT, "JOB_RULES": world.rules.to_json()})


def clients(world: World) -> Clients:
    """The clients of a world."""
    return Clients(
        world.dynamodb,
        world.glacier,
        S3Clients(lambda _: world.s3),
        lambda: world.machines.client,
        lambda: boto3.client("sqs", REGION),
    )
