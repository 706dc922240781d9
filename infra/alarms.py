"""Alarms: what needs a person, told by mail or topic, and a dashboard to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra import dashboard, policies
from infra.dashboard import Chart
from infra.metrics import AlarmRule, alarm_rules
from infra.names import Names

MIN_OLDEST_SECONDS = 900
LATE_AFTER_TRIES = 3
ADDED_UP = "SUM(METRICS())"


@dataclass(frozen=True)
class AlarmsArgs:
    """What to watch, and whom to tell: `email` (or nobody yet, when "") through a topic of ours, or
    `topic_arn`, a topic that is there already."""

    names: Names
    tags: Mapping[str, str]
    region: str
    email: str
    topic_arn: str
    untracked_events_per_hour: int
    visibility_timeout_seconds: int
    event_rules: Sequence[str]
    report_rules: Sequence[AlarmRule]
    job_rules: Sequence[AlarmRule] = ()
    job_charts: Sequence[Chart] = ()

    @property
    def oldest_seconds(self) -> int:
        """The age from which an event is late: after three tries, and never before a quarter of an hour."""
        return max(MIN_OLDEST_SECONDS, LATE_AFTER_TRIES * self.visibility_timeout_seconds)


class Alarms(pulumi.ComponentResource):
    """The alarms and the dashboard of a stack."""

    topic_arn: Output[str]
    dashboard_name: Output[str]

    def __init__(self, name: str, args: AlarmsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("thaw:alarms:Alarms", name, None, opts)
        self._args = args
        self._child = ResourceOptions(parent=self)
        self.topic_arn = Output.from_input(args.topic_arn) if args.topic_arn else self._topic().arn
        rules = alarm_rules(
            queue=args.names.queue,
            dead_letter_queue=args.names.dead_letter_queue,
            function=args.names.function,
            event_rules=args.event_rules,
            oldest_seconds=args.oldest_seconds,
            untracked_per_hour=args.untracked_events_per_hour,
        )
        for rule in (*rules, *args.report_rules, *args.job_rules):
            self._alarm(rule)
        board = aws.cloudwatch.Dashboard(
            "dashboard",
            dashboard_name=args.names.dashboard,
            dashboard_body=Output.json_dumps(
                dashboard.layout(
                    region=args.region,
                    queue=args.names.queue,
                    dead_letter_queue=args.names.dead_letter_queue,
                    function=args.names.function,
                    event_rules=args.event_rules,
                    report_metrics=[rule.metric for rule in args.report_rules],
                    tables=[args.names.objects_table, args.names.rollups_table],
                    job_charts=args.job_charts,
                )
            ),
            opts=self._child,
        )
        self.dashboard_name = board.dashboard_name
        self.register_outputs({"topic_arn": self.topic_arn, "dashboard_name": self.dashboard_name})

    def _topic(self) -> aws.sns.Topic:
        """A topic without KMS: alarms could not publish under the AWS managed key (alias/aws/sns), and their
        text names no object (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html)."""
        args = self._args
        topic = aws.sns.Topic("topic", name=args.names.topic, tags=args.tags, opts=self._child)
        aws.sns.TopicPolicy(
            "topic-policy",
            arn=topic.arn,
            policy=topic.arn.apply(lambda arn: policies.alarm_topic(arn, f"{args.names.prefix}-")),
            opts=self._child,
        )
        if args.email:
            aws.sns.TopicSubscription(
                "email", topic=topic.arn, protocol="email", endpoint=args.email, opts=self._child
            )
        return topic

    def _alarm(self, rule: AlarmRule) -> None:
        aws.cloudwatch.MetricAlarm(
            rule.purpose,
            name=self._args.names.alarm(rule.purpose),
            alarm_description=rule.advice,
            **(_sum(rule) if rule.others else _single(rule)),
            evaluation_periods=rule.periods,
            comparison_operator="LessThanThreshold" if rule.overdue else "GreaterThanOrEqualToThreshold",
            threshold=rule.threshold,
            treat_missing_data="breaching" if rule.overdue else "notBreaching",
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            tags=self._args.tags,
            opts=self._child,
        )


def _single(rule: AlarmRule) -> dict[str, Any]:
    return {
        "namespace": rule.metric.namespace,
        "metric_name": rule.metric.name,
        "dimensions": dict(rule.metric.dimensions),
        "statistic": rule.statistic,
        "period": rule.period_seconds,
    }


def _sum(rule: AlarmRule) -> dict[str, Any]:
    """Metrics added up, where one of them has no value too:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""
    added = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=f"m{position}",
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=dict(metric.dimensions),
                stat=rule.statistic,
                period=rule.period_seconds,
            ),
        )
        for position, metric in enumerate((rule.metric, *rule.others))
    ]
    total = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="total", expression=ADDED_UP, label=rule.purpose, return_data=True
    )
    return {"metric_queries": [total, *added]}
