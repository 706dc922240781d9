"""DynamoDB tables, with the AWS provider's traps."""

import time
from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.shapes import api_names, tag_list
from local.emulator import Emulator
from local.errors import DeployError

_POLL_SECONDS = 0.05


def _put_table(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("dynamodb")
    shape = {
        "TableName": inputs["name"],
        "BillingMode": inputs["billingMode"],
        "AttributeDefinitions": [
            {"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs["attributes"]
        ],
        "KeySchema": [
            {"AttributeName": inputs["hashKey"], "KeyType": "HASH"},
            {"AttributeName": inputs["rangeKey"], "KeyType": "RANGE"},
        ],
        "SSESpecification": {"Enabled": inputs["serverSideEncryption"]["enabled"]},
    }
    if inputs.get("globalSecondaryIndexes"):
        shape["GlobalSecondaryIndexes"] = [_index(each) for each in inputs["globalSecondaryIndexes"]]
    if inputs.get("importTable"):
        arn = _import(client, shape, inputs["importTable"])
    else:
        arn = _create(client, shape, inputs)
    _set_recovery(client, inputs)
    _set_time_to_live(client, inputs)
    return inputs["name"], {"arn": arn}


def _index(inputs: Inputs) -> dict[str, Any]:
    return {
        "IndexName": inputs["name"],
        "KeySchema": [api_names(each) for each in inputs["keySchemas"]],
        "Projection": {"ProjectionType": inputs["projectionType"]},
    }


def _set_recovery(client: Any, inputs: Inputs) -> None:
    client.update_continuous_backups(
        TableName=inputs["name"],
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": inputs["pointInTimeRecovery"]["enabled"]
        },
    )


def _set_time_to_live(client: Any, inputs: Inputs) -> None:
    """The provider sets it after the creation, of an imported table too."""
    if "ttl" in inputs:
        client.update_time_to_live(
            TableName=inputs["name"],
            TimeToLiveSpecification={
                "AttributeName": inputs["ttl"]["attributeName"],
                "Enabled": inputs["ttl"]["enabled"],
            },
        )


def _change_table(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    client = emulator.client("dynamodb")
    client.update_table(
        TableName=inputs["name"], DeletionProtectionEnabled=inputs["deletionProtectionEnabled"]
    )
    _set_recovery(client, inputs)
    _set_time_to_live(client, inputs)


def _create(client: Any, shape: dict[str, Any], inputs: Inputs) -> str:
    created = client.create_table(
        **shape,
        DeletionProtectionEnabled=inputs["deletionProtectionEnabled"],
        Tags=tag_list(inputs),
    )
    return created["TableDescription"]["TableArn"]


def _import(client: Any, shape: dict[str, Any], source: Inputs) -> str:
    """As the provider imports: no tags, no deletion protection, whatever the arguments say.

    terraform-provider-aws, internal/service/dynamodb/table.go, resourceTableCreate.
    """
    started = client.import_table(
        S3BucketSource={
            "S3Bucket": source["s3BucketSource"]["bucket"],
            "S3KeyPrefix": source["s3BucketSource"]["keyPrefix"],
        },
        InputFormat=source["inputFormat"],
        InputCompressionType=source["inputCompressionType"],
        TableCreationParameters=shape,
    )
    description = started["ImportTableDescription"]
    while description["ImportStatus"] == "IN_PROGRESS":
        time.sleep(_POLL_SECONDS)
        answer = client.describe_import(ImportArn=description["ImportArn"])
        description = answer["ImportTableDescription"]
    if description["ImportStatus"] != "COMPLETED":
        raise DeployError(f"the import ended as {description['ImportStatus']}: {description}")
    return description["TableArn"]


def _delete_table(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("dynamodb").delete_table(TableName=inputs["name"])


def _put_tag(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    tags: Any = [{"Key": inputs["key"], "Value": inputs["value"]}]
    emulator.client("dynamodb").tag_resource(ResourceArn=inputs["resourceArn"], Tags=tags)
    return f"{inputs['resourceArn']},{inputs['key']}", {}


def _delete_tag(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("dynamodb").untag_resource(ResourceArn=inputs["resourceArn"], TagKeys=[inputs["key"]])


HANDLERS = {
    "aws:dynamodb/table:Table": handler(
        "name billingMode hashKey rangeKey attributes.name attributes.type deletionProtectionEnabled tags"
        " serverSideEncryption.enabled pointInTimeRecovery.enabled ttl.attributeName ttl.enabled"
        " globalSecondaryIndexes.name globalSecondaryIndexes.projectionType"
        " globalSecondaryIndexes.keySchemas.attributeName globalSecondaryIndexes.keySchemas.keyType"
        " importTable.inputFormat importTable.inputCompressionType"
        " importTable.s3BucketSource.bucket importTable.s3BucketSource.keyPrefix",
        _put_table,
        _delete_table,
    ).changed_by(_change_table, "deletionProtectionEnabled pointInTimeRecovery ttl"),
    "aws:dynamodb/tag:Tag": handler("resourceArn key value", _put_tag, _delete_tag, repeatable=True),
}
