"""Who may tell whom that an archive was retrieved: Glacier the topic, the topic the queue."""

from infra.names import Place
from infra.policies import document, tls_only


def archive_queue(queue: str, topic: str) -> str:
    """The topic of vaults may send to the queue, and nobody without TLS; both are ARNs."""
    send = {
        "Sid": "VaultsSend",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return document([send, tls_only("sqs:*", queue)])


def vault_topic(topic: str) -> str:
    """Glacier may publish for this account, and nobody without TLS
    (https://docs.aws.amazon.com/amazonglacier/latest/dev/configuring-notifications.html)."""
    publish = {
        "Sid": "GlacierPublishes",
        "Effect": "Allow",
        "Principal": {"Service": "glacier.amazonaws.com"},
        "Action": ["sns:Publish"],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": Place.of(topic).account}},
    }
    return document([publish, tls_only("sns:Publish", topic)])
