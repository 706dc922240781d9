"""Restores objects again: those that are readable stay so for longer, those that lapsed come back.

S3 counts the days of a repeated request from now, and charges the request alone.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from thaw.copying.heads import find_head
from thaw.core.history import History
from thaw.core.job_objects import seen
from thaw.core.listing import Listed
from thaw.core.records import ObjectRecord
from thaw.core.targets import Target
from thaw.jobs.request_lines import RequestLine
from thaw.jobs.restoring import RestoreSender
from thaw.store.writer import RecordWriter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_THREADS = 10


class Found(NamedTuple):
    """A record, and its object as a listing showed it."""

    record: ObjectRecord
    listed: Listed


@dataclass(frozen=True)
class Extended:
    """What was restored again, and why the rest was not."""

    done: list[Found] = field(default_factory=list[Found])
    errors: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Extender:
    """Restores objects of one job again, and records it. `account` owns the bucket."""

    s3: "S3Client"
    sender: RestoreSender
    writer: RecordWriter
    account: str

    def extend(self, found: Sequence[Found]) -> Extended:
        """Restores readable objects again, and looks up until when they are readable now."""
        return self._restore(found, look=True)

    def request(self, found: Sequence[Found]) -> Extended:
        """Restores lapsed objects again."""
        return self._restore(found, look=False)

    def heal(self, found: Sequence[Found]) -> Extended:
        """Writes down that objects are readable, as the listing shows them."""
        healed = Extended()
        if found:
            self._record(found, [seen(each.listed) for each in found], healed)
        return healed

    def _restore(self, found: Sequence[Found], *, look: bool) -> Extended:
        extended = Extended()
        if not found:
            return extended
        accepted: dict[int, History] = {}
        for number, answer in enumerate(self.sender.send([_line(each) for each in found])):
            if isinstance(answer, History) and answer.restore_requested_at:
                accepted[number] = answer
            else:
                extended.errors.append(_refusal(found[number], answer))
        if look:
            accepted = self._with_expiries(found, accepted, extended.errors)
        self._record([found[number] for number in accepted], accepted.values(), extended)
        return extended

    def _with_expiries(
        self, found: Sequence[Found], accepted: Mapping[int, History], errors: list[str]
    ) -> dict[int, History]:
        with ThreadPoolExecutor(_THREADS) as pool:
            expiries = list(pool.map(self._expiry, [found[number] for number in accepted]))
        told: dict[int, History] = {}
        for (number, news), expiry in zip(accepted.items(), expiries, strict=True):
            if isinstance(expiry, Exception):
                errors.append(_refusal(found[number], expiry))
            told[number] = news if isinstance(expiry, Exception) else news._replace(restore_expires_at=expiry)
        return told

    def _expiry(self, found: Found) -> str | Exception:
        listed = found.listed
        try:
            head = find_head(self.s3, listed.bucket, listed.key, listed.id.version_id, self.account)
        except (ClientError, BotoCoreError) as exc:
            return exc
        return head.readable_until if head else ""

    def _record(self, found: Sequence[Found], news: Iterable[History], extended: Extended) -> None:
        by_target = {Target((each.record.id,)): each for each in found}
        results = self.writer.apply(dict(zip(by_target, news, strict=True)))
        for target, result in results.items():
            if isinstance(result, Exception):
                extended.errors.append(_refusal(by_target[target], result))
            else:
                extended.done.append(by_target[target])


def _line(found: Found) -> RequestLine:
    listed = found.listed
    return RequestLine(listed.key, listed.id.version_id, listed.size_bytes, listed.storage_class)


def _refusal(found: Found, answer: History | Exception) -> str:
    if isinstance(answer, History):
        reason = f"{answer.failure.error_code}: {answer.failure.error_message}"
    else:
        reason = f"{type(answer).__name__}: {answer}"
    return f"{found.record.id.object_path}: {reason}"
