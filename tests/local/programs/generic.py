"""A small program for what the deployer does with any resource; its config says what it declares."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
seconds = config.get_int("seconds") or 30

first = aws.sqs.Queue("first", name="first", visibility_timeout_seconds=seconds, tags={})
if config.get_bool("second"):
    aws.sqs.Queue(
        "second",
        name="second",
        tags={},
        opts=pulumi.ResourceOptions(
            protect=config.get_bool("protect"), retain_on_delete=config.get_bool("retain")
        ),
    )
aws.sqs.Queue(
    "ignoring",
    name="ignoring",
    visibility_timeout_seconds=seconds,
    tags={},
    opts=pulumi.ResourceOptions(ignore_changes=["visibilityTimeoutSeconds"]),
)
if config.get_bool("unknown_type"):
    aws.kms.Alias("stranger", name="alias/stranger", target_key_id="key")
if config.get_bool("unknown_property"):
    aws.sqs.Queue("fifo", name="queue.fifo", fifo_queue=True, tags={}, opts=pulumi.ResourceOptions())
if config.get_bool("unknown_inner_property"):
    aws.dynamodb.Table(
        "table",
        name="table",
        attributes=[aws.dynamodb.TableAttributeArgs(name="key", type="S")],
        hash_key="key",
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(
            enabled=True, recovery_period_in_days=7
        ),
    )
if config.get_bool("twice"):
    aws.sqs.Queue("first", name="another", tags={})
if config.get_bool("secret"):
    aws.sqs.Queue("secret", name=pulumi.Output.secret("secret"), tags={})
if config.get_bool("failing"):
    aws.sqs.QueuePolicy("failing", queue_url="http://127.0.0.1/000000000000/nowhere", policy="{}")
if name := config.get("name"):
    aws.sns.Topic("topic", name=name, tags={})

pulumi.export("first", first.url)
pulumi.export("arn", first.arn)
