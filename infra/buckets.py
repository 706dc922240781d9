"""Buckets of our own: private, encrypted, by TLS only, and never growing for ever."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import policies

ABORT_UPLOADS_AFTER_DAYS = 1
"""Parts of an upload that nobody completed are billed and seen by nobody."""


@dataclass(frozen=True)
class PrivateBucketArgs:
    """The bucket's name, and after how many days its objects are deleted; None or 0 keeps them.

    `expiring` is the folder ("" or ending in a slash) to which that is limited.

    `empty_on_delete` says that everything in it can be had again: deleting the bucket deletes its objects.
    """

    bucket: pulumi.Input[str]
    tags: Mapping[str, str]
    expire_days: int | None
    expiring: str = ""
    empty_on_delete: bool = True


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that only this account reads and writes."""

    bucket_name: Output[str]
    bucket_arn: Output[str]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:storage:PrivateBucket", name, None, opts)
        child = ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            name, bucket=args.bucket, force_destroy=args.empty_on_delete, tags=args.tags, opts=child
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=bucket.bucket, rules=[_sse_s3()], opts=child
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket.bucket, rules=_lifecycle(args), opts=child
        )
        self._close(name, bucket)
        self.bucket_name, self.bucket_arn = bucket.bucket, bucket.arn
        self.register_outputs({"bucket_name": self.bucket_name})

    def _close(self, name: str, bucket: aws.s3.Bucket) -> None:
        """Nobody from outside, nobody without TLS; S3 takes one such change of a bucket at a time."""
        block = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access-block",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=ResourceOptions(parent=self),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=bucket.arn.apply(policies.private_bucket),
            opts=ResourceOptions(parent=self, depends_on=[block]),
        )


def _sse_s3() -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default
    )


def _lifecycle(args: PrivateBucketArgs) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """Uploads that nobody completed, in all of the bucket; what expires, in its folder."""
    tidy = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=(
            aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
            )
        ),
    )
    if not args.expire_days:
        return [tidy]
    expire = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="expire",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=args.expiring),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_days),
    )
    return [tidy, expire]
