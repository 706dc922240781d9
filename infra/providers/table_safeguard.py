"""A dynamic resource: deletion protection of a table, set and seen, however the table was created.

The AWS provider creates an imported table without the deletion protection that its arguments ask for, and
finds no difference later (resourceTableCreate in
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/dynamodb/table.go); this sets
it by UpdateTable. It also refuses, while the engine still plans, a config under which the table would have
another name or Region and so be another, empty table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi.dynamic as dynamic

from infra.errors import SettingsError, TableMismatchError
from infra.providers.connection import CONNECTION_INPUTS, Provider, changed, refusal

OUR_INPUTS = ("table_name", "table_arn", "wanted_name", "deletion_protection", *CONNECTION_INPUTS)
POLL_SECONDS, POLLS = 2, 150
"""UpdateTable takes seconds; five minutes mean that something is wrong."""


class TableSafeguardProvider(Provider):
    """Sets deletion protection; nothing else of the table is touched, and deletion leaves it as it is."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Refuses a new name and a new Region for a table that exists."""
        if _olds and changed(_olds, news, ("wanted_name",)):
            error = SettingsError(
                f"thaw:name_prefix would rename the table {_olds['wanted_name']} to {news['wanted_name']},"
                " but a table cannot be renamed and its records would be lost; put the old name_prefix back,"
                " or deploy the new one as another stack."
            )
            return dynamic.CheckResult(news, [refusal("wanted_name", error)])
        if _olds and changed(_olds, news, ("region",)):
            error = SettingsError(
                f"aws:region would move the table {_olds['wanted_name']} from {_olds['region']} to"
                f" {news['region']}, where it would be another, empty one; put the old Region back, or deploy"
                " the new one as another stack."
            )
            return dynamic.CheckResult(news, [refusal("region", error)])
        return dynamic.CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Another table is another resource; anything else is changed in place."""
        return dynamic.DiffResult(
            changes=bool(changed(_olds, _news, OUR_INPUTS)), replaces=changed(_olds, _news, ("table_arn",))
        )

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Sets the protection. Raises TableMismatchError."""
        self._protect(props)
        return dynamic.CreateResult(props["table_arn"], props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.UpdateResult:
        """Sets the protection. Raises TableMismatchError."""
        self._protect(_news)
        return dynamic.UpdateResult(_news)

    def _protect(self, props: Mapping[str, Any]) -> None:
        client = self.connect("dynamodb", props)
        name, wanted = props["table_name"], props["deletion_protection"]
        table = client.describe_table(TableName=name)["Table"]
        if table["TableArn"] != props["table_arn"]:
            raise TableMismatchError(
                f"The deployed table is {props['table_arn']}, but boto3's credentials and Region lead to"
                f" {table['TableArn']}; set aws:profile and aws:region to those of the deployment."
            )
        if table.get("DeletionProtectionEnabled", False) != wanted:
            client.update_table(TableName=name, DeletionProtectionEnabled=wanted)
        client.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": POLL_SECONDS, "MaxAttempts": POLLS}
        )


@dataclass(frozen=True)
class TableSafeguardArgs:
    """A table, the name that the config gives it, and whether it is protected from deletion."""

    table_name: pulumi.Input[str]
    table_arn: pulumi.Input[str]
    wanted_name: str
    deletion_protection: bool
    connection: Mapping[str, str]


class TableSafeguard(dynamic.Resource, module="thaw", name="TableSafeguard"):
    """Deletion protection of a table, and the refusal to rename it."""

    def __init__(
        self, name: str, args: TableSafeguardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props: dict[str, Any] = {
            "table_name": args.table_name,
            "table_arn": args.table_arn,
            "wanted_name": args.wanted_name,
            "deletion_protection": args.deletion_protection,
            **args.connection,
        }
        super().__init__(TableSafeguardProvider(), name, cast(Any, props), opts)
