"""SQS queues, their policies and redrive, and SNS topics."""

from typing import Any

from local.deployer.handlers import Inputs, Outputs, Put, handler
from local.deployer.shapes import tag_list
from local.emulator import Emulator

_ATTRIBUTES = {
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}


_OF_SUBSCRIPTIONS = {
    "filterPolicy": "FilterPolicy",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}


def _put_queue(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("sqs")
    created = client.create_queue(
        QueueName=inputs["name"], Attributes=_attributes(inputs), tags=inputs["tags"]
    )
    url = created["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, {"url": url, "arn": arn}


def _attributes(inputs: Inputs) -> Any:
    return {
        aws: str(inputs[ours]).lower() for ours, aws in _ATTRIBUTES.items() if inputs.get(ours) is not None
    }


def _change_queue(emulator: Emulator, inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("sqs").set_queue_attributes(QueueUrl=outputs["url"], Attributes=_attributes(inputs))


def _delete_queue(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("sqs").delete_queue(QueueUrl=outputs["url"])


def _attribute_of_queue(ours: str, aws: str) -> Put:
    def put(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
        attributes: Any = {aws: inputs[ours]}
        emulator.client("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes=attributes)
        return inputs["queueUrl"], {}

    return put


def _put_topic(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    arn = emulator.client("sns").create_topic(Name=inputs["name"], Tags=tag_list(inputs))["TopicArn"]
    return arn, {"arn": arn}


def _delete_topic(emulator: Emulator, _inputs: Inputs, outputs: Outputs) -> None:
    emulator.client("sns").delete_topic(TopicArn=outputs["arn"])


def _put_topic_policy(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("sns").set_topic_attributes(
        TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
    )
    return inputs["arn"], {}


def _put_subscription(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    answer = emulator.client("sns").subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        ReturnSubscriptionArn=True,
        Attributes={aws: _text(inputs[ours]) for ours, aws in _OF_SUBSCRIPTIONS.items() if ours in inputs},
    )
    return answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]}


def _text(value: Any) -> str:
    """An attribute as SNS takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


HANDLERS = {
    "aws:sqs/queue:Queue": handler(
        f"name tags {' '.join(_ATTRIBUTES)}", _put_queue, _delete_queue
    ).changed_by(_change_queue, " ".join(_ATTRIBUTES)),
    "aws:sqs/queuePolicy:QueuePolicy": handler(
        "queueUrl policy", _attribute_of_queue("policy", "Policy"), repeatable=True
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": handler(
        "queueUrl redrivePolicy", _attribute_of_queue("redrivePolicy", "RedrivePolicy"), repeatable=True
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": handler(
        "queueUrl redriveAllowPolicy",
        _attribute_of_queue("redriveAllowPolicy", "RedriveAllowPolicy"),
        repeatable=True,
    ),
    "aws:sns/topic:Topic": handler("name tags", _put_topic, _delete_topic),
    "aws:sns/topicPolicy:TopicPolicy": handler("arn policy", _put_topic_policy, repeatable=True),
    "aws:sns/topicSubscription:TopicSubscription": handler(
        f"topic protocol endpoint {' '.join(_OF_SUBSCRIPTIONS)}", _put_subscription, repeatable=True
    ),
}
