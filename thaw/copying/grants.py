"""Access control lists: CopyObject keeps none, so the grants of the source are given with the copy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from thaw.core.copy_plan import CopyRefusedError
from thaw.core.keys import NO_VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PARAMETERS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}
"""WRITE has no meaning for an object."""


def source_grants(client: "S3Client", bucket: str, key: str, version_id: str, owner: str) -> dict[str, str]:
    """The grants of an object version as parameters of a request; none where only its owner has any."""
    request: dict[str, Any] = {"Bucket": bucket, "Key": key, "ExpectedBucketOwner": owner}
    if version_id not in ("", NO_VERSION):
        request["VersionId"] = version_id
    answer = cast("Mapping[str, Any]", client.get_object_acl(**request))
    owned = [("FULL_CONTROL", f'id="{answer["Owner"]["ID"]}"')]
    grants = [(grant["Permission"], _grantee(grant["Grantee"], key)) for grant in answer["Grants"]]
    if grants == owned:
        return {}
    parameters: defaultdict[str, list[str]] = defaultdict(list)
    for permission, grantee in grants:
        if permission in _PARAMETERS:
            parameters[_PARAMETERS[permission]].append(grantee)
    return {name: ", ".join(grantees) for name, grantees in parameters.items()}


def _grantee(grantee: Mapping[str, str], key: str) -> str:
    if "ID" in grantee:
        return f'id="{grantee["ID"]}"'
    if "URI" in grantee:
        return f'uri="{grantee["URI"]}"'
    raise CopyRefusedError(
        "AclNotKept",
        f"The ACL of {key} has a grantee that is neither an id nor a group; ask for a job with keep_acl"
        " false.",
    )
