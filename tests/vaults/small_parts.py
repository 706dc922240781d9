"""Parts and ranges of one MiB, so that an archive of a few MiB has many."""

import moto.s3.models
import pytest

from tests.vaults.transfers import MIB
from thaw.core import archive_parts
from thaw.vaults import transferring

PART = MIB


def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the rest of the test."""
    for module in (archive_parts, transferring):
        monkeypatch.setattr(module, "ONE_PART", PART)
    monkeypatch.setattr(archive_parts, "RANGE_BYTES", PART)
    monkeypatch.setattr(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", 1)
