"""What a function has before its code: a log group that forgets, and a role that Lambda takes on."""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi_aws as aws
from pulumi import ResourceOptions

from infra import policies
from infra.names import Names


class Identity(NamedTuple):
    """Made before the function, which would make a log group without end itself."""

    log_group: aws.cloudwatch.LogGroup
    role: aws.iam.Role


def identity(
    prefix: str,
    function: str,
    names: Names,
    tags: Mapping[str, str],
    log_retention_days: int,
    opts: ResourceOptions,
) -> Identity:
    """Of the function of this name; `prefix` begins both resources' names in the stack."""
    log_group = aws.cloudwatch.LogGroup(
        f"{prefix}log-group",
        name=names.log_group_of(function),
        retention_in_days=log_retention_days,
        tags=tags,
        opts=opts,
    )
    role = aws.iam.Role(
        f"{prefix}role",
        name=function,
        assume_role_policy=policies.trust("lambda.amazonaws.com"),
        tags=tags,
        opts=opts,
    )
    return Identity(log_group, role)
