"""The role with which S3 Batch Operations requests restores, reads our manifests and writes its reports."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.jobs.access import JobAccess
from infra.jobs.statements import some
from infra.names import Names, Place
from infra.policies import allow, document

SERVICE = "batchoperations.s3.amazonaws.com"


def trust(place: Place) -> str:
    """Batch Operations of this account. S3 does not document that it says which account it acts for, so that
    a missing one is let pass: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": place.account}},
    }
    return document([statement])


def policy(access: JobAccess) -> str:
    """Restores in the buckets of the config; listing them tells a missing object from a forbidden one."""
    return document(
        [
            *some("Restore", ["s3:RestoreObject"], access.archived_objects),
            *some("SeeWhatIsMissing", ["s3:ListBucket"], access.archives),
            allow("ReadManifests", ["s3:GetObject", "s3:GetObjectVersion"], access.job_folder("waves/")),
            allow("WriteReports", ["s3:PutObject"], access.job_folder("reports/")),
        ]
    )


def batch_role(
    names: Names,
    place: Output[Place],
    access: pulumi.Input[JobAccess],
    tags: Mapping[str, str],
    opts: ResourceOptions,
) -> aws.iam.Role:
    """The role with its policy."""
    role = aws.iam.Role(
        "batch-role", name=names.batch_role, assume_role_policy=place.apply(trust), tags=tags, opts=opts
    )
    aws.iam.RolePolicy(
        "batch-role-policy",
        name="batch-restore",
        role=role.name,
        policy=Output.from_input(access).apply(policy),
        opts=opts,
    )
    return role
