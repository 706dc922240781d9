"""What Glacier tells of a vault: the last inventory that it has made of it, and what that one counted.

Glacier makes one about daily, and none while nothing is added or deleted; a retrieval brings the last one.
https://docs.aws.amazon.com/amazonglacier/latest/dev/api-vault-get.html
"""

from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from thaw.core.times import parse
from thaw.store.error_codes import error_code

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

_GONE = "ResourceNotFoundException"


class LastInventory(NamedTuple):
    """Of a vault; `date` is fixed-width ISO-8601, "" where Glacier has made none yet. `size_bytes` includes
    what Glacier adds to each archive."""

    date: str = ""
    archives: int = 0
    size_bytes: int = 0


def last_inventory(glacier: "GlacierClient", vault: str) -> LastInventory | None:
    """The last inventory of a vault; None where there is no such vault. Raises ClientError."""
    try:
        told = glacier.describe_vault(vaultName=vault)
    except ClientError as exc:
        if error_code(exc) == _GONE:
            return None
        raise
    date = told.get("LastInventoryDate") or ""
    archives, size_bytes = told.get("NumberOfArchives") or 0, told.get("SizeInBytes") or 0
    return LastInventory(parse(date) if date else "", archives, size_bytes)
