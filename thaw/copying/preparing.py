"""From a message to the copy that is to be made: the source's head, the place, and what is there already."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from thaw.copying import multipart
from thaw.copying.checking import already_there, is_proven
from thaw.copying.clients import Clients
from thaw.copying.grants import source_grants
from thaw.copying.heads import Head, find_head
from thaw.copying.outcomes import Copied, Left
from thaw.copying.requests import Owners, Source
from thaw.copying.work import Work
from thaw.core.copy_messages import CopyMessage
from thaw.core.copy_plan import MAX_COPY_BYTES, CopyRefusedError, Place, part_bytes, place_of
from thaw.core.history import Status, restored_at
from thaw.core.job_requests import CopyRequest
from thaw.core.job_rules import JobRules
from thaw.core.keys import NO_VERSION
from thaw.core.listing import ARCHIVED
from thaw.core.records import ObjectRecord

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_RESTORED_FROM = ARCHIVED | {"INTELLIGENT_TIERING"}


class Task(NamedTuple):
    """One object version to copy. `again`: it may be copied already, so its destination is looked at."""

    message: CopyMessage
    record: ObjectRecord
    copy: CopyRequest
    again: bool


@dataclass(frozen=True)
class Preparer:
    """Prepares copies under the stack's rules. `account` owns the source buckets; `now()` is fixed-width
    ISO-8601; objects of more than `single_bytes` are copied in parts."""

    clients: Clients
    rules: JobRules
    account: str
    now: Callable[[], str]
    single_bytes: int = MAX_COPY_BYTES

    def prepare(self, task: Task) -> Work | Copied | Left:
        """What is to be copied, or why nothing is. Raises as `examine` does."""
        if task.record.status is Status.COPIED:
            return self._still_there(task)
        work = self.examine(task)
        if isinstance(work, Copied):
            return work
        if not work.source.head.readable:
            return Left("the object is not readable now: its next restore brings it again")
        return self.with_extras(work)

    def _still_there(self, task: Task) -> Copied | Left:
        """Of an object that is copied only its source may be left, to be deleted."""
        try:
            found = self.examine(task)
        except CopyRefusedError as exc:
            return Left(f"the object is copied: {exc}")
        return found if isinstance(found, Copied) else Left("the object is copied, and its copy is gone")

    def examine(self, task: Task) -> Work | Copied:
        """The source and its place, whether or not it is readable; or the copy, if it is there already.

        Raises CopyRefusedError for what will never be copied, ClientError for what S3 did not answer.
        """
        place = place_of(self.rules, task.copy, task.message.bucket, task.message.key)
        owners = Owners(self.account, place.account or self.account)
        found = self._source(task, place)
        if found is None:
            raise CopyRefusedError(
                "NoSuchKey", f"{task.record.id.object_path} (version {task.record.id.version_id}) is gone."
            )
        work = Work(Source(task.message.bucket, task.message.key, found), place, task.copy, owners, {}, {})
        copied = self._copied_before(task, work)
        if copied:
            return copied
        _check_source(task, work)
        return work

    def _source(self, task: Task, place: Place) -> Head | None:
        """In place the current version is looked at, which usually is the one to copy."""
        version_id = NO_VERSION if place.in_place else task.record.id.version_id
        return find_head(self.clients(""), task.message.bucket, task.message.key, version_id, self.account)

    def _copied_before(self, task: Task, work: Work) -> Copied | None:
        if work.place.in_place:
            return self._copied_in_place(task, work)
        if not task.again and work.size_bytes <= self.single_bytes:
            return None
        there = already_there(self.clients(work.place.region), work, restored_at(task.record.history))
        return self._there(work, proven=is_proven(work, there)) if there else None

    def _there(self, work: Work, *, proven: bool = True) -> Copied:
        """A copy in parts may have been left before it was tagged."""
        if work.size_bytes > self.single_bytes:
            multipart.put_tags(self.clients(work.place.region), self.with_extras(work))
        return Copied(self.now(), work, again=True, proven=proven)

    def _copied_in_place(self, task: Task, work: Work) -> Copied | None:
        """Another version that is current may be the copy of ours; ours, in the class asked for, is it."""
        wanted, head = task.record.id.version_id, work.source.head
        if wanted not in (NO_VERSION, head.version_id):
            return self._copied_as_new_version(task, work)
        same_size = task.record.entry.size_bytes in (None, head.size_bytes)
        if head.storage_class == task.copy.storage_class and same_size:
            return self._there(work)
        return None

    def _copied_as_new_version(self, task: Task, work: Work) -> Copied:
        wanted, message = task.record.id.version_id, task.message
        ours = find_head(self.clients(""), message.bucket, message.key, wanted, self.account)
        not_current = CopyRefusedError(
            "NotCurrentVersion",
            f"Version {wanted} of {message.bucket}/{message.key} is not the current one, which is"
            f" {work.source.head.version_id}: copied in place it would hide that; copy it elsewhere.",
        )
        if ours is None:
            raise not_current
        older = Work(Source(message.bucket, message.key, ours), work.place, work.copy, work.owners, {}, {})
        try:
            already_there(self.clients(""), older, restored_at(task.record.history))
        except CopyRefusedError:
            raise not_current from None
        return self._there(older)

    def with_extras(self, work: Work) -> Work:
        """With the grants and, for a copy in parts, the tags: each a request of its own.

        A head tells the number of tags only to those who may read them, so it cannot be relied on.
        """
        source, client = work.source, self.clients("")
        grants: dict[str, str] = {}
        tags: dict[str, str] = {}
        if work.copy.keep_acl:
            version_id = source.head.version_id
            grants = source_grants(client, source.bucket, source.key, version_id, self.account)
        if work.copy.keep_tags and work.size_bytes > self.single_bytes:
            tags = _tags(client, source, self.account)
        return Work(source, work.place, work.copy, work.owners, grants, tags)


def _check_source(task: Task, work: Work) -> None:
    """An object that was written over since it was restored is not what the job is about.

    Raises CopyRefusedError, also for one that no number of parts holds.
    """
    part_bytes(work.size_bytes)
    expected, head = task.record.entry, work.source.head
    other_size = expected.size_bytes not in (None, head.size_bytes)
    other_class = head.storage_class not in _RESTORED_FROM
    if other_size or other_class:
        raise CopyRefusedError(
            "SourceChanged",
            f"{task.record.id.object_path} was written over: it has {head.size_bytes} bytes in"
            f" {head.storage_class}, not the {expected.size_bytes} bytes in"
            f" {expected.storage_class or 'an archive class'} that the job names.",
        )


def _tags(client: "S3Client", source: Source, owner: str) -> dict[str, str]:
    request = cast("Any", {**source.reference(), "ExpectedBucketOwner": owner})
    answer = client.get_object_tagging(**request)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
