"""Makes one prepared copy, in one request or in parts, and says what became of it."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from thaw.copying import multipart
from thaw.copying.checking import already_there, is_proven
from thaw.copying.clients import Clients
from thaw.copying.errors import CopyDiffersError
from thaw.copying.outcomes import Again, Copied, Failed, Left, Outcome
from thaw.copying.single import copy_at_once
from thaw.copying.work import Work
from thaw.core.copy_plan import CopyRefusedError, part_count
from thaw.core.errors import ThawError
from thaw.store.error_codes import error_code

SERVICE_ERRORS = (ThawError, ClientError, BotoCoreError)
"""What a copy may raise for reasons that are not ours: it concerns one object."""

NOT_READABLE = frozenset({"InvalidObjectState", "ObjectNotInActiveTierError"})
_EXISTS = "PreconditionFailed"

_OF_HEADS = {"400": "BadRequest", "403": "AccessDenied"}
"""HeadObject has no body that could tell a code; 400 is what it answers about an object under SSE-C."""


@dataclass(frozen=True)
class Maker:
    """Makes copies; `pool` copies the parts of large ones, `seconds_left()` is the function's time."""

    clients: Clients
    pool: Executor
    now: Callable[[], str]
    seconds_left: Callable[[], float]

    def at_once(self, work: Work, since: str) -> Outcome:
        """A copy by one request. `since`: when the source became readable."""
        client = self.clients(work.place.region)
        try:
            copy_at_once(client, work)
        except ClientError as exc:
            if code_of(exc) != _EXISTS or work.place.in_place:
                raise
            return self._instead(work, since)
        return Copied(self.now(), work)

    def in_parts(self, work: Work, since: str) -> Outcome:
        """A copy by several requests at a time, begun anew whatever an earlier try left behind."""
        client = self.clients(work.place.region)
        upload = multipart.begin(client, work)
        try:
            parts = upload.parts(1, part_count(upload.size_bytes, upload.part_bytes))
            multipart.copy_parts(client, upload, parts, self.pool, self.seconds_left)
            multipart.complete(client, upload, work)
        except ClientError as exc:
            multipart.abort(client, upload)
            if code_of(exc) != _EXISTS or work.place.in_place:
                raise
            return self._instead(work, since)
        except CopyDiffersError:
            raise
        except BaseException:
            multipart.abort(client, upload)
            raise
        multipart.put_tags(client, work)
        return Copied(self.now(), work)

    def _instead(self, work: Work, since: str) -> Outcome:
        """Something is there: the copy that another delivery made, or not."""
        there = already_there(self.clients(work.place.region), work, since)
        if there:
            return Copied(self.now(), work, again=True, proven=is_proven(work, there))
        return Again("SourceChanged", f"{work.source.key} was written over while it was copied.")


def outcome_of(error: Exception, now: str) -> Outcome:
    """What an error means for its object."""
    if isinstance(error, CopyRefusedError):
        return Failed(now, error.code, str(error))
    if isinstance(error, CopyDiffersError):
        return Failed(now, "CopyDiffers", str(error))
    code = code_of(error)
    if code in NOT_READABLE:
        return Left("the object is not readable any more: its next restore brings it again")
    return Again(code, str(error))


def code_of(error: Exception) -> str:
    """The code of a service error, the name of any other."""
    if isinstance(error, ClientError):
        code = error_code(error)
        return _OF_HEADS.get(code, code) or "ClientError"
    return type(error).__name__.removesuffix("Error")
