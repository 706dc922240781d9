"""Mends of the emulator's EventBridge Scheduler."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import shapes

_LOOK_SECONDS = 0.5


def schedules_are_looked_at_often(scheduler: Any) -> None:
    """What is due fires up to ten seconds late, for which tests would have to wait."""
    scheduler._SCHEDULE_TICK_INTERVAL = _LOOK_SECONDS


def schedules_tell_their_target_when_they_were_due(eventbridge: Any) -> None:
    """The context attributes in a schedule's input are handed on as they stand.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """

    def make(original: Any) -> Callable[..., None]:
        def invoke(target: dict[str, Any], event: dict[str, Any], rule: Any, *more: Any) -> None:
            if event.get("Source") == "aws.scheduler" and "Input" in target:
                target = {**target, "Input": _filled_in(target["Input"], event)}
            original(target, event, rule, *more)

        return invoke

    shapes.replace(eventbridge, "_invoke_target", "550e304af080", make)


def _filled_in(text: str, event: dict[str, Any]) -> str:
    attributes = {
        "schedule-arn": event["Resources"][0],
        "scheduled-time": datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
