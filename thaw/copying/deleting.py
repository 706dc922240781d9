"""Deletes the source of a checked copy, if the job asks for it and the stack's rules let it."""

from typing import Any

from thaw.copying.clients import Clients
from thaw.copying.outcomes import Copied
from thaw.core.job_rules import JobRules


def may_delete(copied: Copied, rules: JobRules) -> bool:
    """Whether the source goes: never that of a copy in place."""
    work = copied.work
    return work.copy.delete_source and rules.copy_may_delete_source and not work.place.in_place


def delete_source(clients: Clients, copied: Copied) -> None:
    """Deletes the very version that was copied; an object without one only if it is still the same.

    Raises ClientError. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
    """
    source, client = copied.work.source, clients("")
    request: dict[str, Any] = {
        "Bucket": source.bucket,
        "Key": source.key,
        "ExpectedBucketOwner": copied.work.owners.source,
    }
    if source.head.version_id:
        request["VersionId"] = source.head.version_id
    else:
        request["IfMatch"] = source.head.content.etag
    client.delete_object(**request)
