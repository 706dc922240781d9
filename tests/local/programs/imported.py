"""An imported table with tags and protection in its arguments, and nothing that sets them otherwise."""

import pulumi_aws as aws

aws.dynamodb.Table(
    "imported",
    name="imported",
    billing_mode="PAY_PER_REQUEST",
    hash_key="object_path",
    range_key="version_id",
    attributes=[
        aws.dynamodb.TableAttributeArgs(name="object_path", type="S"),
        aws.dynamodb.TableAttributeArgs(name="version_id", type="S"),
    ],
    import_table=aws.dynamodb.TableImportTableArgs(
        input_format="DYNAMODB_JSON",
        input_compression_type="GZIP",
        s3_bucket_source=aws.dynamodb.TableImportTableS3BucketSourceArgs(bucket="parts", key_prefix="x/"),
    ),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    deletion_protection_enabled=True,
    tags={"team": "archive"},
)
