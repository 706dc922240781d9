"""What the state machine `copy-large` carries from step to step, as JSON, and back."""

from collections.abc import Mapping
from typing import Any

from thaw.copying.uploads import Upload
from thaw.core.copy_messages import CopyMessage
from thaw.core.copy_plan import Group


def message_in(document: Mapping[str, Any]) -> CopyMessage:
    """What is copied: the fields that the execution began with."""
    return CopyMessage(document["job_id"], document["bucket"], document["key"], document["version_id"], None)


def to_document(message: CopyMessage, upload: Upload) -> dict[str, Any]:
    """An upload, and what it is a copy of."""
    return {**upload.to_document(), "message": message._asdict()}


def upload_of(document: Mapping[str, Any]) -> Upload:
    """The upload in a document."""
    return Upload(**{name: value for name, value in document.items() if name != "message"})


def group_of(document: Mapping[str, Any]) -> Group:
    """A group of parts."""
    return Group(document["first"], document["last"])
