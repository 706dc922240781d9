"""A vault's inventory as Glacier writes it, in CSV and in JSON.

https://docs.aws.amazon.com/amazonglacier/latest/dev/api-job-output-get.html
"""

import json
from collections.abc import Iterable

from .archives import Archive
from .times import spelled

HEADER = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"


def as_csv(archives: Iterable[Archive], *, documented: bool = False) -> bytes:
    """Fields with a comma, a quote or a backslash are quoted, and each quote and backslash within gets a
    backslash: so do programs read it that were made for the real service. As `documented`, a backslash gets
    none, and two descriptions may be spelled alike.
    """
    rows = (
        ",".join(
            (
                archive.archive_id,
                _field(archive.description, documented=documented),
                spelled(archive.created),
                str(archive.size_bytes),
                archive.sha256_tree_hash,
            )
        )
        for archive in archives
    )
    return "".join(f"{row}\n" for row in (HEADER, *rows)).encode()


def as_json(vault_arn: str, taken: float, archives: Iterable[Archive]) -> bytes:
    """The default format."""
    listed = [
        {
            "ArchiveId": archive.archive_id,
            "ArchiveDescription": archive.description,
            "CreationDate": spelled(archive.created),
            "Size": archive.size_bytes,
            "SHA256TreeHash": archive.sha256_tree_hash,
        }
        for archive in archives
    ]
    document = {"VaultARN": vault_arn, "InventoryDate": spelled(taken), "ArchiveList": listed}
    return json.dumps(document).encode()


def _field(text: str, *, documented: bool) -> str:
    if not any(letter in text for letter in ',"\\'):
        return text
    text = text if documented else text.replace("\\", "\\\\")
    return '"' + text.replace('"', '\\"') + '"'
