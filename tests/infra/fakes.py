"""In-memory stand-ins for the AWS clients of dynamic providers, as strict as AWS where it matters."""

import copy
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from thaw.core import notifications

OWNER = "123456789012"


def connect_to(**clients: Any) -> Callable[[str, Any], Any]:
    """What a provider makes its clients with, giving these instead."""
    return lambda service, _inputs: clients[service]


class FakeExceptions:
    """`client.exceptions`."""

    ClientError = ClientError

    class NoSuchBucket(ClientError):  # noqa: N818 (botocore's name)
        """The bucket is gone."""


class FakeS3:
    """Buckets with notification configurations; refuses overlaps, and dead destinations unless told to skip.

    `stale_reads` answers what was there before for so many reads after a write.
    """

    exceptions = FakeExceptions

    def __init__(self, **configurations: dict[str, Any]) -> None:
        self.configurations = configurations
        self.dead_destinations: set[str] = set()
        self.stale_reads = 0
        self.writes = 0
        self.interfere: Callable[[], None] = lambda: None
        self._stale: dict[str, Any] = {}

    def get_bucket_notification_configuration(
        self,
        *,
        Bucket: str,  # noqa: N803 (boto3's names)
        ExpectedBucketOwner: str = OWNER,  # noqa: N803
    ) -> dict[str, Any]:
        if Bucket not in self.configurations:
            raise self.exceptions.NoSuchBucket({"Error": {"Code": "NoSuchBucket"}}, "GetBucketNotification")
        if ExpectedBucketOwner != OWNER:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketNotificationConfiguration")
        found = self.configurations[Bucket]
        if self._stale and self.stale_reads:
            self.stale_reads -= 1
            found = self._stale
        return {"ResponseMetadata": {}, **copy.deepcopy(found)}

    def put_bucket_notification_configuration(
        self,
        *,
        Bucket: str,  # noqa: N803 (boto3's names)
        ExpectedBucketOwner: str,  # noqa: N803
        NotificationConfiguration: dict[str, Any],  # noqa: N803
        SkipDestinationValidation: bool,  # noqa: N803
    ) -> None:
        assert ExpectedBucketOwner == OWNER
        assert "ResponseMetadata" not in NotificationConfiguration
        entries = [e for name in notifications.ENTRY_LISTS for e in NotificationConfiguration.get(name, [])]
        for i, entry in enumerate(entries):
            notifications.refuse_overlap({"QueueConfigurations": entries[:i]}, entry)
            if not SkipDestinationValidation and set(map(str, entry.values())) & self.dead_destinations:
                message = "Unable to validate the following destination configurations"
                raise ClientError(
                    {"Error": {"Code": "InvalidArgument", "Message": message}}, "PutBucketNotification"
                )
        self._stale = self.configurations[Bucket]
        self.configurations[Bucket] = copy.deepcopy(NotificationConfiguration)
        self.writes += 1
        self.interfere()


class FakeDynamoDB:
    """Tables by name, with their imports; registers items as the job store writes them."""

    exceptions = FakeExceptions

    def __init__(self, table_arn: str, imports: list[dict[str, Any]] | None = None) -> None:
        self.table: dict[str, Any] = {"TableArn": table_arn, "TableStatus": "ACTIVE"}
        self.imports = imports or []
        self.updates: list[bool] = []
        self.transactions: list[Any] = []
        self.waited = 0

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert self.table["TableArn"].endswith(f"/{TableName}")
        return {"Table": self.table}

    def update_table(self, *, TableName: str, DeletionProtectionEnabled: bool) -> None:  # noqa: N803
        assert self.table["TableArn"].endswith(f"/{TableName}")
        self.table["DeletionProtectionEnabled"] = DeletionProtectionEnabled
        self.updates.append(DeletionProtectionEnabled)

    def get_waiter(self, name: str) -> "FakeDynamoDB":
        assert name == "table_exists", "the waiter that waits for ACTIVE"
        return self

    def wait(self, **_: Any) -> None:
        self.waited += 1

    def list_imports(self, *, TableArn: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        assert self.table["TableArn"] == TableArn
        at = int(NextToken)
        more = {"NextToken": str(at + 1)} if at + 1 < len(self.imports) else {}
        return {"ImportSummaryList": self.imports[at : at + 1], **more}

    def describe_import(self, *, ImportArn: str) -> dict[str, Any]:  # noqa: N803
        return {"ImportTableDescription": next(i for i in self.imports if i["ImportArn"] == ImportArn)}

    def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803
        self.transactions.append(TransactItems)
