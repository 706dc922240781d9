"""Mends of the emulator's S3 events, by notification and by EventBridge."""

import itertools
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import shapes
from versions import NO_VERSION, SUBJECT, version_id_of

_NOTIFIED: ContextVar[dict[str, Any] | None] = ContextVar("notified", default=None)


def restore_events_name_their_version(s3: Any) -> None:
    """Restore events of a versioned bucket carry no `versionId`."""

    def subject_version() -> str | None:
        record = SUBJECT.get()
        version_id = NO_VERSION if record is None else version_id_of(record)
        return None if version_id == NO_VERSION else version_id

    def make(original: Any) -> Callable[..., None]:
        def fire(bucket: str, key: str, event_name: str, *args: Any, **details: Any) -> None:
            if event_name.startswith("s3:ObjectRestore:") and not details.get("version_id"):
                details["version_id"] = subject_version()
            original(bucket, key, event_name, *args, **details)

        return fire

    shapes.replace(s3, "_fire_s3_event_async", "d42619f0eb86", make)
    shapes.replace(s3, "_fire_s3_event", "2ab38cfade76", make)


def eventbridge_events_are_complete(s3: Any, eventbridge: Any) -> None:
    """EventBridge events of S3 lack `version-id`, and those of a restore its class and expiry.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    def make_fire(original: Any) -> Callable[..., None]:
        def fire(bucket: str, key: str, event_name: str, *args: Any, **details: Any) -> None:
            _NOTIFIED.set(details)
            original(bucket, key, event_name, *args, **details)
            _NOTIFIED.set(None)

        return fire

    def make_dispatch(original: Any) -> Callable[..., Any]:
        def dispatch(event: dict[str, Any], *args: Any, **more: Any) -> Any:
            details = _NOTIFIED.get()
            if event.get("Source") == "aws.s3" and details is not None:
                detail = _complete_detail(event["DetailType"], json.loads(event["Detail"]), details)
                event = {**event, "Detail": json.dumps(detail)}
            return original(event, *args, **more)

        return dispatch

    shapes.replace(s3, "_fire_s3_event", "2ab38cfade76", make_fire)
    shapes.replace(eventbridge, "_dispatch_event", "d1bfe064f602", make_dispatch)


def overlapping_rules_are_refused(s3: Any) -> None:
    """S3 refuses two rules of one bucket that could both match one event; the emulator takes them."""

    def make(original: Any) -> Callable[..., Any]:
        def validate(configs: list[dict[str, Any]], *args: Any, **more: Any) -> Any:
            refused = original(configs, *args, **more)
            if refused is None and any(_overlap(*two) for two in itertools.combinations(configs, 2)):
                return s3._invalid_notification_config(
                    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two "
                    "rules if the prefixes are overlapping for the same event type."
                )
            return refused

        return validate

    shapes.replace(s3, "_validate_notification_configs", "780d0ff4d6e7", make)


def _complete_detail(detail_type: str, detail: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    if details.get("version_id"):
        detail["object"]["version-id"] = details["version_id"]
    if not detail_type.startswith("Object Restore"):
        return detail
    detail["object"].pop("sequencer", None)
    if detail_type != "Object Restore Expired":
        detail["source-storage-class"] = (SUBJECT.get() or {}).get("storage_class")
    if detail_type != "Object Restore Initiated":
        detail["requester"] = "s3.amazonaws.com"
        detail.pop("source-ip-address", None)
    restored = details.get("restore_event_data")
    if restored:
        detail["restore-expiry-time"] = restored["lifecycleRestorationExpiryTime"]
    return detail


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (
        any(_same_event(a, b) for a in one["events"] for b in other["events"])
        and _nested(one["filter_prefix"], other["filter_prefix"], str.startswith)
        and _nested(one["filter_suffix"], other["filter_suffix"], str.endswith)
    )


def _same_event(one: str, other: str) -> bool:
    family = one.rpartition(":")[0] == other.rpartition(":")[0]
    return one == other or (family and (one.endswith(":*") or other.endswith(":*")))


def _nested(one: str | None, other: str | None, test: Callable[[str, str], bool]) -> bool:
    return test(one or "", other or "") or test(other or "", one or "")
