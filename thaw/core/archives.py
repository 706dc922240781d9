"""An archive of a Glacier vault as a tracked object: its identity, its plan, how a retrieval finds it again.

An archive has no key of its own. Its record has the bucket `vault:NAME` (no S3 bucket can be called so) and
the archive id as its key; where it goes to is in the plan.
"""

import re
from typing import NamedTuple

from thaw.core.keys import NO_VERSION, ObjectId, object_path

VAULT_CLASS = "GLACIER_VAULT"
"""The storage class in records of archives. Ours: S3's GLACIER has other durations and prices."""

WINDOW_HOURS = 24
"""How long the output of a retrieval job can be read after its completion.
https://docs.aws.amazon.com/amazonglacier/latest/dev/api-job-output-get.html"""

_PREFIX = "vault:"
_POINTER = re.compile(r"thaw ([A-Za-z0-9._-]{1,128}) (\d{1,5}) (\d{1,5})")


class PlannedArchive(NamedTuple):
    """A row of a plan. `key` is the whole key in the destination; `created_at` is ISO-8601, fixed width,
    `sha256_tree_hash` 64 hexadecimal digits in lower case, `description` as in the inventory.

    `exists`: when it was planned, an object was at the key already.
    """

    archive_id: str
    key: str
    size_bytes: int
    created_at: str
    sha256_tree_hash: str
    description: str
    exists: bool = False


class Pointer(NamedTuple):
    """Where in the plan of a job an archive is: `line` of `part`, both from 0."""

    job_id: str
    part: int
    line: int

    @property
    def text(self) -> str:
        """As the JobDescription of the retrieval job has it, so that a notification tells it."""
        return f"thaw {self.job_id} {self.part} {self.line}"

    @classmethod
    def of(cls, text: str) -> "Pointer | None":
        """The inverse of `text`; None for the description of a job that is not ours."""
        found = _POINTER.fullmatch(text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None


def vault_bucket(vault: str) -> str:
    """The bucket in the records of a vault's archives."""
    return f"{_PREFIX}{vault}"


def archive_object_id(vault: str, archive_id: str) -> ObjectId:
    """The identity of the record of an archive."""
    return ObjectId(object_path(vault_bucket(vault), archive_id), NO_VERSION)
