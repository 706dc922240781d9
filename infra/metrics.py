"""CloudWatch metrics that alarms and dashboard name, and when an alarm is due; plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pulumi import Input

THAW_NAMESPACE = "Thaw"
MINUTE = 60
HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch, by namespace, name and dimensions; an ARN may become known later."""

    namespace: str
    name: str
    dimensions: Mapping[str, Input[str]]

    @property
    def in_dashboard(self) -> list[Input[str]]:
        """As a dashboard lists it: namespace, name, then dimension names and values in turn."""
        return [self.namespace, self.name, *chain.from_iterable(self.dimensions.items())]


def tracker_metric(name: str, function: str) -> Metric:
    """A metric that the tracker publishes: Powertools' service is the function, so that stacks differ."""
    return Metric(THAW_NAMESPACE, name, {"service": function})


@dataclass(frozen=True)
class AlarmRule:
    """An alarm: due when `statistic` of the metric over `period_seconds` is at least `threshold`, in each of
    `periods` periods. `purpose` is the end of its name, `advice` what its mail says to do.

    `overdue`: due when the statistic is below the threshold instead, and nothing at all counts as that.
    `others` are metrics that are added to the first."""

    purpose: str
    metric: Metric
    statistic: str
    threshold: float
    period_seconds: int
    periods: int
    advice: str
    overdue: bool = False
    others: Sequence[Metric] = ()


def alarm_rules(
    *,
    queue: str,
    dead_letter_queue: str,
    function: str,
    event_rules: Sequence[str],
    oldest_seconds: int,
    untracked_per_hour: int,
) -> list[AlarmRule]:
    """The alarms of a stack, for resources by name."""
    dead_letters = {"QueueName": dead_letter_queue}
    events = {"QueueName": queue}
    tracker = {"FunctionName": function}
    return [
        AlarmRule(
            "dead-letters",
            Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", dead_letters),
            "Maximum", 1, 5 * MINUTE, 1,
            "Events could not be applied; each says why. Mend the cause, then redrive the dead-letter queue.",
        ),
        AlarmRule(
            "events-late",
            Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", events),
            "Maximum", oldest_seconds, 5 * MINUTE, 1,
            "Events wait too long: see the function's errors and throttles, then raise max_concurrency.",
        ),
        AlarmRule(
            "function-errors",
            Metric("AWS/Lambda", "Errors", tracker),
            "Sum", 1, 5 * MINUTE, 1,
            "The tracker failed as a whole; its log says why. The events of that batch come again.",
        ),
        AlarmRule(
            "function-throttles",
            Metric("AWS/Lambda", "Throttles", tracker),
            "Sum", 1, 5 * MINUTE, 3,
            "The account's Lambda concurrency is used up; raise it, or lower max_concurrency.",
        ),
        AlarmRule(
            "untracked-events",
            tracker_metric("UntrackedEvents", function),
            "Sum", untracked_per_hour, HOUR, 1,
            "Events of objects that no job names: is a manifest missing, or a watched bucket's prefix?",
        ),
        AlarmRule(
            "poison-messages",
            tracker_metric("PoisonMessages", function),
            "Sum", 1, 5 * MINUTE, 1,
            "Messages that are no events Thaw follows went to the dead-letter queue, with the reason.",
        ),
        *(_undelivered(rule) for rule in event_rules),
    ]  # fmt: skip


def undelivered_metric(rule: str) -> Metric:
    """Events of a rule that EventBridge gave up on: they are in no queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    return Metric("AWS/Events", "FailedInvocations", {"RuleName": rule})


def _undelivered(rule: str) -> AlarmRule:
    return AlarmRule(
        f"undelivered-{rule}",
        undelivered_metric(rule),
        "Sum", 1, 5 * MINUTE, 1,
        "EventBridge could not deliver events: mend the queue's policy, then `thaw reconcile` the bucket.",
    )  # fmt: skip
