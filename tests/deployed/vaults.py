"""The real program with vaults in an emulator, a vault with archives in it, and somebody who watches."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import boto3

from local.deployer import deploy
from local.emulator import Emulator
from tests.deployed.jobs import WARM, JobStack
from tests.deployed.stack import AT_ONCE

VAULT, NAMES = "photos", "lists"
FUNCTIONS = ("watch-vaults", "watch-jobs")

CONFIG: Mapping[str, Any] = {
    **AT_ONCE,
    "vaults": [VAULT, "films"],
    "manifest_buckets": [NAMES],
    "copy_destinations": [{"bucket": WARM}],
    "watch_schedule": "rate(365 days)",
    "vault_watch_schedule": "rate(365 days)",
    "sweep_schedule": "",
    "vault_sweep_minutes": 0,
    "api_requests_per_second": 100,
    "api_burst": 100,
    "max_concurrency": 2,
    "vault_transfer_concurrency": 2,
}
"""The watchers come when they are called, and the workers are as many as a small machine takes."""


class VaultStack(JobStack):
    """A deployed program that transfers vaults."""

    def put(self, archives: Mapping[str, bytes], vault: str = VAULT) -> dict[str, str]:
        """Puts archives into a vault, by their descriptions; gives their ids by these."""
        documents = [
            {"vault": vault, "description": name, "body": base64.b64encode(body).decode()}
            for name, body in archives.items()
        ]
        ids = self.emulator.control_glacier(archives=documents)["archive_ids"]
        return dict(zip(archives, ids, strict=True))

    def transfer(self, **body: Any) -> str:
        """Begins a transfer that must begin; gives its job."""
        asked = {"vault": VAULT, "destination_bucket": WARM, "tier": "EXPEDITED", **body}
        answer = self.call("POST", "/vault-transfers", asked)
        assert answer.status in (201, 202), answer
        return answer.body["BulkJobId"]

    def watch(self) -> None:
        """One look of each watcher, and the news of it."""
        for purpose in FUNCTIONS:
            answer = self.emulator.client("lambda").invoke(FunctionName=f"thaw-{purpose}", Payload="{}")
            assert "FunctionError" not in answer, (purpose, answer["Payload"].read())
        self.listen()

    def stored(self, prefix: str) -> dict[str, bytes]:
        """The objects under a prefix."""
        s3 = self.emulator.client("s3")
        listed = s3.list_objects_v2(Bucket=WARM, Prefix=prefix).get("Contents", [])
        names = [item.get("Key", "") for item in listed]
        return {name: s3.get_object(Bucket=WARM, Key=name)["Body"].read() for name in names}

    def undelivered(self) -> list[Any]:
        """Messages that nobody could try to the end."""
        sqs, url = self.emulator.client("sqs"), self.outputs["vault_dead_letter_queue_url"]
        return list(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))


def vault_stack(emulator: Emulator, **config: Any) -> VaultStack:
    """The program in an emulator that has its buckets and vaults."""
    for bucket in (WARM, NAMES):
        emulator.client("s3").create_bucket(Bucket=bucket)
    for vault in (VAULT, "films"):
        emulator.client("glacier").create_vault(vaultName=vault)
    stack = VaultStack(deploy({**CONFIG, **config}, emulator))
    stack.hear()
    return stack


def document(stack: VaultStack, purpose: str) -> str:
    """The content of a runbook as it is deployed."""
    name = stack.outputs[f"vault_{purpose}_document"]
    contents = {
        created.inputs["name"]: created.inputs["content"]
        for (type_, _), created in stack.deployment.resources.items()
        if type_ == "aws:ssm/document:Document"
    }
    return contents[name]


def user_who_may(emulator: Emulator, name: str, actions: list[str], resources: list[str]) -> Any:
    """A session of an IAM user with a policy of its own."""
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=emulator.region)
