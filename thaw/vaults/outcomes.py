"""What becomes of a message of the vaults' queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thaw.copying.outcomes import Again, Failed, Left
from thaw.core.history import NOTHING, History
from thaw.store.items import CHECKSUM, DESTINATION, DESTINATION_VERSION
from thaw.store.vault_agains import Again as Asked
from thaw.store.vault_uploads import OpenUpload
from thaw.vaults.existing import Found
from thaw.vaults.shipments import Shipment


@dataclass(frozen=True)
class Transferred:
    """The archive is its object in S3, checked. `upload` made it, None if it came in one request."""

    at: str
    shipment: Shipment
    found: Found
    upload: OpenUpload | None = None

    @property
    def news(self) -> History:
        return History(copied_at=self.at)

    @property
    def extras(self) -> Mapping[str, str]:
        """Further attributes of the record."""
        told = {
            DESTINATION: self.shipment.landing.uri,
            DESTINATION_VERSION: self.found.version_id,
            CHECKSUM: self.found.checksum,
        }
        return {name: text for name, text in told.items() if text}


@dataclass(frozen=True)
class Refused(Failed):
    """As Failed; `conflict` is the key at which something else is, "" for another reason."""

    conflict: str = ""


@dataclass(frozen=True)
class Noted:
    """Nothing more is done about it here, for this reason: only the news are written down.

    `asked`: the archive is to be requested again.
    """

    reason: str
    news: History = field(default=NOTHING)
    asked: Asked | None = None


@dataclass(frozen=True)
class Waiting(Again):
    """It is nobody's fault, nor can anybody tell for how long: its message is sent anew, with all tries."""


Outcome = Transferred | Failed | Noted | Left | Again
"""`Failed` includes Refused. `Left` writes nothing; `Again` is to be delivered again."""
