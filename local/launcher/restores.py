"""Mends of the emulator's RestoreObject: how long it takes, and which version it acts on."""

import contextvars
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import shapes
import versions
from shapes import REQUEST
from versions import SUBJECT


def restores_take_the_time_we_choose(s3: Any, environ: Mapping[str, str]) -> None:
    """The delay of a restore and the length of a day are constants of the module."""
    if "THAW_LOCAL_RESTORE_SECONDS" in environ:
        s3._RESTORE_DELAY_SECONDS = float(environ["THAW_LOCAL_RESTORE_SECONDS"])
    if "THAW_LOCAL_DAY_SECONDS" not in environ:
        return
    day_seconds = float(environ["THAW_LOCAL_DAY_SECONDS"])

    def make(_original: Any) -> Callable[..., float]:
        def expiry(start: float, days: int) -> float:
            return start + days * day_seconds

        return expiry

    shapes.replace(s3, "_restore_expiry_epoch", "f27fa1d95a8d", make)


def restores_act_on_the_version_asked_for(s3: Any) -> None:
    """RestoreObject acts on the current version whatever it is asked for."""

    def make(original: Any) -> Callable[..., Any]:
        def restore(bucket: str, key: str, body: bytes) -> Any:
            version_id = _version_asked_for(s3)
            record = versions.find(s3, bucket, key, version_id)
            if record is None:
                return original(bucket, key, body) if not version_id else _no_such_version(s3)
            SUBJECT.set(record)
            with versions.standing_in(s3, bucket, key, record):
                answer = original(bucket, key, body)
            for entry in versions.stored(s3, bucket, key):
                if entry["version_id"] == versions.version_id_of(record) and "restore" in record:
                    entry["restore"] = record["restore"]
            return answer

        return restore

    shapes.replace(s3, "_restore_object", "e3d6d8b2e950", make)


def stored_versions_know_their_restore(s3: Any) -> None:
    """HeadObject and GetObject know the restore of the current version only."""

    def make_record(original: Any) -> Callable[..., Any]:
        def record_of(entry: dict[str, Any]) -> dict[str, Any]:
            record = original(entry)
            if "restore" in entry:
                record["restore"] = entry["restore"]
            return record

        return record_of

    def make_get(original: Any) -> Callable[..., Any]:
        def get(bucket: str, key: str, headers: Any, query: Any = None) -> Any:
            version_id = s3._qp(query or {}, "versionId", "")
            record = versions.find(s3, bucket, key, version_id) if version_id else None
            if record is None or "restore" not in record:
                return original(bucket, key, headers, query)
            with versions.standing_in(s3, bucket, key, record):
                return original(bucket, key, headers, query)

        return get

    shapes.replace(s3, "_object_record_from_version", "dcb5e05b6658", make_record)
    shapes.replace(s3, "_get_object", "64ad7071ef0e", make_get)


def one_clock_times_all_restores(s3: Any) -> None:
    """Each restore leaves two sleeping threads, and they look at the current version only."""
    clock = _Clock()

    def make_completed(_original: Any) -> Callable[..., None]:
        def schedule(bucket: str, key: str, requested_at: float) -> None:
            record = SUBJECT.get()
            if record is not None:
                at = record["restore"]["available_at"]
                clock.call(at, lambda: _complete(s3, bucket, key, record, requested_at))

        return schedule

    def make_expiry(_original: Any) -> Callable[..., None]:
        def schedule(bucket: str, key: str, expires_at: float) -> None:
            record = SUBJECT.get()
            if record is not None:
                clock.call(expires_at, lambda: _expire(s3, bucket, key, record, expires_at))

        return schedule

    shapes.replace(s3, "_schedule_restore_completed", "5e210ca24680", make_completed)
    shapes.replace(s3, "_schedule_restore_expiry", "74b066438a4c", make_expiry)


def a_lapsed_restore_is_forgotten_by_its_version(s3: Any) -> None:
    """A stored version keeps the restore that its object has lost."""

    def make(original: Any) -> Callable[..., Any]:
        def sync(bucket: str, key: str, record: dict[str, Any] | None) -> Any:
            restore = (record or {}).get("restore")
            SUBJECT.set(record)
            phase = original(bucket, key, record)
            if phase is None and restore is not None:
                for entry in versions.stored(s3, bucket, key):
                    if entry.get("restore") is restore:
                        del entry["restore"]
            return phase

        return sync

    shapes.replace(s3, "_sync_restore", "f6d181aefcf1", make)


def expedited_is_refused_for_deep_archive(s3: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html"""

    def make(original: Any) -> Callable[..., Any]:
        def restore(bucket: str, key: str, body: bytes) -> Any:
            record = versions.find(s3, bucket, key, _version_asked_for(s3)) or {}
            if record.get("storage_class") == "DEEP_ARCHIVE" and b">Expedited<" in body:
                message = "Retrieval option is not supported by this storage class"
                return s3._error("InvalidArgument", message, 400, f"/{bucket}/{key}")
            return original(bucket, key, body)

        return restore

    shapes.replace(s3, "_restore_object", "e3d6d8b2e950", make)


def _complete(s3: Any, bucket: str, key: str, record: dict[str, Any], requested_at: float) -> None:
    restore = record.get("restore")
    if not restore or restore["requested_at"] != requested_at:
        return
    if not versions.is_alive(s3, bucket, key, record):
        return
    restore["completed_fired"] = True
    SUBJECT.set(record)
    s3._fire_s3_event(
        bucket,
        key,
        "s3:ObjectRestore:Completed",
        size=record.get("size", 0),
        etag=record.get("etag", ""),
        restore_event_data={
            "lifecycleRestorationExpiryTime": s3._restore_expiry_iso(restore["expires_at"]),
            "lifecycleRestoreStorageClass": record.get("storage_class") or "GLACIER",
        },
    )


def _expire(s3: Any, bucket: str, key: str, record: dict[str, Any], expires_at: float) -> None:
    restore = record.get("restore")
    if restore and restore["expires_at"] == expires_at and versions.is_alive(s3, bucket, key, record):
        s3._sync_restore(bucket, key, record)


def _version_asked_for(s3: Any) -> str:
    _headers, query = REQUEST.get()
    return s3._qp(query, "versionId", "")


def _no_such_version(s3: Any) -> Any:
    return s3._error("NoSuchVersion", "The specified version does not exist.", 404)


class _Clock:
    """One thread that calls functions at given times, each in the context of who asked for it."""

    def __init__(self) -> None:
        self._calls: list[tuple[float, int, contextvars.Context, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="restores", daemon=True).start()

    def call(self, at: float, function: Callable[[], None]) -> None:
        """Calls `function` when time.time() reaches `at`."""
        with self._changed:
            item = (at, next(self._order), contextvars.copy_context(), function)
            heapq.heappush(self._calls, item)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            context, function = self._next()
            context.run(function)

    def _next(self) -> tuple[contextvars.Context, Callable[[], None]]:
        with self._changed:
            while not self._calls or self._calls[0][0] > time.time():
                wait = self._calls[0][0] - time.time() if self._calls else None
                self._changed.wait(min(wait, threading.TIMEOUT_MAX) if wait is not None else None)
            _at, _order, context, function = heapq.heappop(self._calls)
            return context, function
