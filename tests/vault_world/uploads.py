"""When multipart uploads began: moto tells the same moment of all, and which is ours is told by it."""

from datetime import datetime
from typing import Any

import botocore.session

from tests.vault_world.clocks import Clock
from tests.vaults.moto_mends import MAKER


class Uploads:
    """What clients of a session have begun, by the clock of the test."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: dict[str, datetime] = {}

    def watch(self, session: botocore.session.Session) -> None:
        """Clients made of this session from now on are told when their uploads began."""
        events: Any = session.get_component("event_emitter")
        events.register("after-call.s3.CreateMultipartUpload", self._note)
        events.register("after-call.s3.ListMultipartUploads", self._tell)

    def _note(self, parsed: dict[str, Any], **_: object) -> None:
        if "UploadId" in parsed:
            self._began[parsed["UploadId"]] = self._clock.now()

    def _tell(self, parsed: dict[str, Any], **_: object) -> None:
        for upload in parsed.get("Uploads", []):
            upload["Initiated"] = self._began[upload["UploadId"]]
            upload["Initiator"] = {"ID": MAKER}
