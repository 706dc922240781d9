"""What vault transfers need of the deployer: a topic that feeds a queue, a table that forgets, a document."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()

topic = aws.sns.Topic("topic", name="archives", tags={})
queue = aws.sqs.Queue("queue", name="archives", tags={})
sns = {"Service": "sns.amazonaws.com"}
leave = {"Effect": "Allow", "Principal": sns, "Action": "sqs:SendMessage", "Resource": queue.arn}
aws.sqs.QueuePolicy(
    "leave",
    queue_url=queue.url,
    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [leave]}),
)
aws.sns.TopicSubscription(
    "subscription",
    topic=topic.arn,
    protocol="sqs",
    endpoint=queue.arn,
    raw_message_delivery=True,
)
aws.dynamodb.Table(
    "table",
    name="parts",
    billing_mode="PAY_PER_REQUEST",
    hash_key="job_id",
    range_key="item",
    attributes=[aws.dynamodb.TableAttributeArgs(name=name, type="S") for name in ("job_id", "item")],
    ttl=aws.dynamodb.TableTtlArgs(attribute_name="gone_at", enabled=config.get_bool("forgets") or False),
    deletion_protection_enabled=False,
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
    tags={},
)
aws.ssm.Document(
    "document",
    name="launch",
    document_type="Automation",
    document_format="JSON",
    content=json.dumps({"schemaVersion": "0.3", "mainSteps": []}),
    tags={},
)
failed = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
    namespace="AWS/States",
    metric_name="ExecutionsFailed",
    period=300,
    stat="Sum",
    dimensions={"StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:transfer"},
)
aws.cloudwatch.MetricAlarm(
    "alarm",
    name="executions",
    alarm_description="An execution did not succeed.",
    evaluation_periods=1,
    comparison_operator="GreaterThanThreshold",
    threshold=0,
    treat_missing_data="notBreaching",
    alarm_actions=[],
    ok_actions=[],
    metric_queries=[
        aws.cloudwatch.MetricAlarmMetricQueryArgs(id="sum", expression="SUM(METRICS())", return_data=True),
        aws.cloudwatch.MetricAlarmMetricQueryArgs(id="failed", metric=failed),
    ],
    tags={},
)
pulumi.export("topic", topic.arn)
pulumi.export("queue", queue.url)
