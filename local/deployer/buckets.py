"""S3 buckets, what is set on them, and files put into them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.deployer.handlers import Inputs, Outputs, Put, handler
from local.deployer.shapes import api_names, tag_list
from local.emulator import Emulator


def _put_bucket(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("s3")
    name = inputs["bucket"]
    place = {"CreateBucketConfiguration": {"LocationConstraint": emulator.region}}
    client.create_bucket(Bucket=name, **({} if emulator.region == "us-east-1" else place))
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(inputs)})
    return name, {"arn": f"arn:aws:s3:::{name}", "region": emulator.region}


def _change_bucket(_emulator: Emulator, _inputs: Inputs, _outputs: Outputs) -> None:
    """`forceDestroy` is the provider's own: it is looked at when the bucket goes."""


def _delete_bucket(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    """A bucket with objects in it goes only with `forceDestroy`, all versions included."""
    client = emulator.client("s3")
    if inputs.get("forceDestroy"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=inputs["bucket"]):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                key, version = each.get("Key", ""), each.get("VersionId", "null")
                client.delete_object(Bucket=inputs["bucket"], Key=key, VersionId=version)
    client.delete_bucket(Bucket=inputs["bucket"])


def _setting(set_it: Callable[[Any, Inputs], Any]) -> Put:
    """Something set on a bucket with one call; it goes with the bucket."""

    def put(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
        set_it(emulator.client("s3"), inputs)
        return inputs["bucket"], {}

    return put


def _set_ownership(client: Any, inputs: Inputs) -> None:
    client.put_bucket_ownership_controls(
        Bucket=inputs["bucket"], OwnershipControls={"Rules": [api_names(inputs["rule"])]}
    )


def _set_encryption(client: Any, inputs: Inputs) -> None:
    client.put_bucket_encryption(
        Bucket=inputs["bucket"], ServerSideEncryptionConfiguration=api_names(inputs, "rules")
    )


def _set_lifecycle(client: Any, inputs: Inputs) -> None:
    client.put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"], LifecycleConfiguration=api_names(inputs, "rules")
    )


def _set_public_access_block(client: Any, inputs: Inputs) -> None:
    client.put_public_access_block(
        Bucket=inputs["bucket"],
        PublicAccessBlockConfiguration=api_names(
            inputs, "blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets"
        ),
    )


def _set_policy(client: Any, inputs: Inputs) -> None:
    client.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


def _delete_policy(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("s3").delete_bucket_policy(Bucket=inputs["bucket"])


def _put_object(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    body = Path(inputs["source"].path).read_bytes()
    answer = emulator.client("s3").put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=body)
    return inputs["key"], {"etag": answer["ETag"].strip('"'), "versionId": answer.get("VersionId", "")}


def _delete_object(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("s3").delete_object(Bucket=inputs["bucket"], Key=inputs["key"])


HANDLERS = {
    "aws:s3/bucket:Bucket": handler("bucket forceDestroy tags", _put_bucket, _delete_bucket).changed_by(
        _change_bucket, "forceDestroy"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": handler(
        "bucket rule.objectOwnership", _setting(_set_ownership), repeatable=True
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": handler(
        "bucket rules.applyServerSideEncryptionByDefault.sseAlgorithm",
        _setting(_set_encryption),
        repeatable=True,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": handler(
        "bucket rules.id rules.status rules.filter.prefix rules.expiration.days"
        " rules.abortIncompleteMultipartUpload.daysAfterInitiation",
        _setting(_set_lifecycle),
        repeatable=True,
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": handler(
        "bucket blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets",
        _setting(_set_public_access_block),
        repeatable=True,
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": handler("bucket key source", _put_object, _delete_object),
    "aws:s3/bucketPolicy:BucketPolicy": handler(
        "bucket policy", _setting(_set_policy), _delete_policy, repeatable=True
    ),
}
