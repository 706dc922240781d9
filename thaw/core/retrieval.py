"""How long a retrieval from an archive class typically takes, per tier: the figures AWS publishes."""

from collections.abc import Mapping

from thaw.core.archives import VAULT_CLASS

TYPICAL_HOURS: Mapping[tuple[str, str], float] = {
    ("GLACIER", "Expedited"): 5 / 60,
    ("GLACIER", "Standard"): 5.0,
    ("GLACIER", "Bulk"): 12.0,
    ("DEEP_ARCHIVE", "Standard"): 12.0,
    ("DEEP_ARCHIVE", "Bulk"): 48.0,
    (VAULT_CLASS, "Expedited"): 5 / 60,
    (VAULT_CLASS, "Standard"): 5.0,
    (VAULT_CLASS, "Bulk"): 12.0,
}
"""Hours in which a retrieval typically finishes: the upper end of each range that AWS publishes.

The keys are storage class and tier. An absent pair does not exist: S3 refuses Expedited for Deep Archive.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html, and for
archives of vaults https://docs.aws.amazon.com/amazonglacier/latest/dev/downloading-an-archive-two-steps.html
"""

MAX_REQUESTS_PER_SECOND = 1000
"""Restore requests that S3 takes from an account in a Region:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/archival-storage.html
"""
