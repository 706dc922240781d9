"""Buckets, a work group and a connector over a table, and the same table declared, as the config says."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()

results = aws.s3.Bucket(
    "results", bucket="results", force_destroy=config.get_bool("empty_on_delete"), tags={"team": "archive"}
)
aws.s3.BucketLifecycleConfiguration(
    "lifecycle",
    bucket=results.bucket,
    rules=[
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="tidy",
            status="Enabled",
            filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
                days=config.get_int("days") or 7
            ),
        )
    ],
)
aws.s3.BucketPublicAccessBlock(
    "block",
    bucket=results.bucket,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
group = aws.athena.Workgroup(
    "group",
    name="group",
    configuration=aws.athena.WorkgroupConfigurationArgs(
        enforce_workgroup_configuration=True,
        bytes_scanned_cutoff_per_query=(config.get_int("megabytes") or 10) * 1_000_000,
        result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
            output_location=results.bucket.apply(lambda name: f"s3://{name}/")
        ),
    ),
    tags={},
)
database = aws.glue.CatalogDatabase(
    "database", name="stock", location_uri=config.get("mark") or "dynamo-db-flag", tags={}
)
aws.glue.CatalogTable(
    "table",
    name="items",
    database_name=database.name,
    table_type="EXTERNAL_TABLE",
    parameters={"classification": "dynamodb", "sourceTable": "stock-Items"},
    storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
        location="arn:aws:dynamodb:us-east-1:000000000000:table/stock-Items",
        columns=[
            aws.glue.CatalogTableStorageDescriptorColumnArgs(name="id", type="string"),
            aws.glue.CatalogTableStorageDescriptorColumnArgs(
                name="price", type=config.get("price_type") or "bigint"
            ),
        ],
    ),
)
connecting = aws.iam.Role("connecting", name="connecting", assume_role_policy="{}", tags={})
connector = aws.serverlessrepository.CloudFormationStack(
    "connector",
    name="connector",
    application_id="arn:aws:serverlessrepo:us-east-1:292517598671:applications/AthenaDynamoDBConnector",
    semantic_version="2026.17.1",
    capabilities=["CAPABILITY_IAM"],
    parameters={
        "AthenaCatalogName": "connector",
        "SpillBucket": "spill",
        "LambdaRole": connecting.arn,
    },
    tags={},
)
aws.athena.DataCatalog(
    "catalog",
    name="stock_live",
    description="The stock.",
    type="LAMBDA",
    parameters={"function": "arn:aws:lambda:us-east-1:000000000000:function:connector"},
    tags={},
    opts=pulumi.ResourceOptions(depends_on=[connector]),
)
aws.athena.NamedQuery(
    "query",
    name="all",
    database=database.name,
    workgroup=group.name,
    query=config.get("sql") or "SELECT * FROM items",
)
role = aws.iam.Role(
    "role",
    name="scheduling",
    assume_role_policy=json.dumps(
        {"Statement": [{"Principal": {"Service": config.get("trusted") or "scheduler.amazonaws.com"}}]}
    ),
    tags={},
)
policy = aws.iam.RolePolicy(
    "policy",
    name="invoke",
    role=role.name,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": config.get("action") or "lambda:InvokeFunction",
                    "Resource": "*",
                }
            ],
        }
    ),
)
aws.scheduler.Schedule(
    "schedule",
    name="hourly",
    schedule_expression=config.get("schedule") or "rate(1 hour)",
    flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
    target=aws.scheduler.ScheduleTargetArgs(
        arn="arn:aws:lambda:us-east-1:000000000000:function:scheduled",
        role_arn=role.arn,
        input='{"as_of": "<aws.scheduler.scheduled-time>"}',
    ),
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)
