"""A copy in parts that has begun: what its requests name, and what a workflow carries of it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from thaw.core.copy_plan import Part, part, part_count


@dataclass(frozen=True)
class Upload:
    """A copy in parts that has begun, as a workflow carries it. `source_version_id` is "" for none."""

    bucket: str
    key: str
    region: str
    source_bucket: str
    source_key: str
    source_version_id: str
    etag: str
    size_bytes: int
    part_bytes: int
    upload_id: str
    source_owner: str
    owner: str

    def parts(self, first: int, last: int) -> Iterator[Part]:
        """Parts by their numbers, both included."""
        return (part(number, self.size_bytes, self.part_bytes) for number in range(first, last + 1))

    @property
    def part_count(self) -> int:
        return part_count(self.size_bytes, self.part_bytes)

    def to_document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    def named(self) -> dict[str, str]:
        """What names the upload in requests."""
        return {
            "Bucket": self.bucket,
            "Key": self.key,
            "UploadId": self.upload_id,
            "ExpectedBucketOwner": self.owner,
        }
