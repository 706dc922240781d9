"""One copy to be made: what of, where to, and what of the source it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thaw.copying import requests
from thaw.copying.requests import Owners, Source
from thaw.core.copy_plan import Place
from thaw.core.job_requests import CopyRequest


@dataclass(frozen=True)
class Work:
    """`grants` are parameters of requests. `tags` are known only for a copy in parts, which keeps none by
    itself."""

    source: Source
    place: Place
    copy: CopyRequest
    owners: Owners
    grants: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def size_bytes(self) -> int:
        return self.source.head.size_bytes

    def copy_request(self) -> dict[str, Any]:
        """The parameters of CopyObject."""
        return requests.copy_object(self.source, self.place, self.copy, self.grants, self.owners)

    def upload_request(self) -> dict[str, Any]:
        """The parameters of CreateMultipartUpload."""
        return requests.create_upload(self.source, self.place, self.copy, self.grants, self.tags, self.owners)
