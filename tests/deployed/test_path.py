"""From the manifest to COPIED under IAM enforcement: the real function with its own role, and no more."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.deployer import deploy
from local.emulator import Emulator
from local.messages import Happening, eventbridge, notification, sns_envelope
from tests.deployed.stack import AT_ONCE, Archived, Stack, archive, prepare_job, reason_of
from tests.waiting import eventually
from thaw.core.keys import NO_VERSION
from thaw.core.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

pytestmark = pytest.mark.emulator

PLAIN = ["a b+c%25.txt", "日本語/🧊.bin", "copied.bin", *(f"probe/{number}" for number in range(6))]
KEPT = ["versions/ü&x.bin", "copied in place.bin", "probe/versioned"]
TRIES = 2


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, restore_seconds=0.5) as running:
        yield running


@pytest.fixture(scope="module")
def objects(emulator: Emulator) -> list[Archived]:
    """`plain` is watched by notifications; `kept` keeps versions and is watched through EventBridge."""
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="plain")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    return archive(emulator, "plain", PLAIN) + archive(emulator, "kept", KEPT)


@pytest.fixture(scope="module")
def stack(emulator: Emulator, objects: list[Archived], tmp_path_factory: pytest.TempPathFactory) -> Stack:
    files = prepare_job(emulator, objects, Path(tmp_path_factory.mktemp("job")))
    both = ["restores", "copies"]
    buckets = [{"name": "plain", "watch": both}, {"name": "kept", "via": "eventbridge", "watch": both}]
    config = {**AT_ONCE, "watched_buckets": buckets, "import_files": files, "max_receive_count": TRIES}
    return Stack(deploy(config, emulator))


def restore(stack: Stack, one: Archived) -> None:
    stack.emulator.client("s3").restore_object(
        Bucket=one.bucket,
        Key=one.key,
        VersionId=one.version_id,
        RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Bulk"}},
    )


def copy_in_place(stack: Stack, one: Archived) -> None:
    source: CopySourceTypeDef = {"Bucket": one.bucket, "Key": one.key}
    if one.version_id != NO_VERSION:
        source["VersionId"] = one.version_id
    stack.emulator.client("s3").copy_object(
        Bucket=one.bucket, Key=one.key, CopySource=source, StorageClass="STANDARD"
    )


def test_restores_and_copies_reach_the_records_through_notifications_and_eventbridge(
    stack: Stack, objects: list[Archived]
) -> None:
    moved = [one for one in objects if not one.key.startswith("probe/")]
    for one in moved:
        restore(stack, one)
    eventually(lambda: all(stack.status(one) == "RESTORED" for one in moved))
    copied = [one for one in moved if one.key.startswith("copied")]
    for one in copied:
        copy_in_place(stack, one)
    eventually(lambda: all(stack.status(one) == "COPIED" for one in copied))
    eventually(lambda: stack.waiting() == 0)
    for one in moved:
        item = stack.items()[f"{one.bucket}/{one.key}", one.version_id]
        assert item["restore_requested_at"]["S"] <= item["restore_completed_at"]["S"], one.key
        assert item["restore_expires_at"]["S"] > item["restore_completed_at"]["S"], one.key
    assert stack.verification().proven, stack.verification().differences
    assert len(stack.items()) == len(objects), "no record that the manifest did not name"


def test_a_poison_message_ends_in_the_dead_letter_queue_with_its_reason(stack: Stack) -> None:
    stack.send('{"no": "event"}')
    dead = eventually(stack.take_dead_letter)
    assert dead["Body"] == '{"no": "event"}'
    assert "expected an S3 notification with `Records`" in reason_of(dead)


def probe(one: Archived, name: str = "ObjectRestore:Post") -> Happening:
    version_id = "a-new-version" if name == "ObjectCreated:Copy" else one.version_id
    now = to_iso(datetime.now(UTC))
    return Happening(name, one.bucket, one.key, 4, "GLACIER", now, version_id)


class RolePolicy:
    """What the tracker's role allows, and less of it."""

    def __init__(self, emulator: Emulator) -> None:
        self._iam = emulator.client("iam")
        answer = self._iam.get_role_policy(RoleName="thaw-track-events", PolicyName="track-events")
        self._whole: Any = answer["PolicyDocument"]

    def without(self, action: str, resource: str) -> None:
        """Takes an action on a resource (the end of its ARN) out."""
        statements: list[Any] = [
            {**each, "Action": [kept for kept in each["Action"] if kept != action]}
            if each["Resource"].endswith(resource)
            else each
            for each in self._whole["Statement"]
        ]
        assert statements != self._whole["Statement"], "the role never had it"
        self._put({**self._whole, "Statement": [each for each in statements if each["Action"]]})

    def restore(self) -> None:
        self._put(self._whole)

    def _put(self, document: Any) -> None:
        self._iam.put_role_policy(
            RoleName="thaw-track-events", PolicyName="track-events", PolicyDocument=json.dumps(document)
        )


@pytest.fixture
def soon_again(emulator: Emulator, stack: Stack) -> Iterator[None]:
    """A message that failed comes again after three seconds, not six minutes; the function is warm."""
    stack.send(notification(probe(Archived("plain", "nobody asked for this"))))
    eventually(lambda: stack.waiting() == 0)
    queue = stack.outputs["queue_url"]
    sqs = emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "3"})
    yield
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "360"})


@pytest.fixture
def role_policy(emulator: Emulator, stack: Stack) -> Iterator[RolePolicy]:
    policy = RolePolicy(emulator)
    assert stack.outputs["function"] == "thaw-track-events"
    yield policy
    policy.restore()


def logged(emulator: Emulator, stack: Stack, *words: str) -> bool:
    """Whether the function has logged a line with all these words."""
    events = emulator.client("logs").filter_log_events(logGroupName=stack.outputs["log_group"])["events"]
    return any(all(word in event.get("message", "") for word in words) for event in events)


@pytest.mark.usefixtures("soon_again")
@pytest.mark.parametrize(
    ("action", "resource", "number", "name"),
    [
        ("dynamodb:BatchGetItem", "thaw-objects", 0, "ObjectRestore:Post"),
        ("dynamodb:UpdateItem", "thaw-objects", 1, "ObjectRestore:Post"),
        ("dynamodb:UpdateItem", "thaw-rollups", 2, "ObjectRestore:Post"),
        ("dynamodb:Query", "thaw-objects", -1, "ObjectCreated:Copy"),
    ],
)
def test_with_one_action_less_an_event_ends_as_a_dead_letter_that_says_so_and_no_number_moves(
    stack: Stack,
    objects: list[Archived],
    role_policy: RolePolicy,
    action: str,
    resource: str,
    number: int,
    name: str,
) -> None:
    one = objects[-1] if number == -1 else Archived("plain", f"probe/{number}")
    assert stack.status(one) == "PENDING"
    body = eventbridge(probe(one, name)) if number == -1 else notification(probe(one, name))
    role_policy.without(action, resource)
    stack.send(body)
    dead = eventually(stack.take_dead_letter)
    assert dead["Body"] == body
    assert action in reason_of(dead), "the reason names what was denied"
    assert stack.status(one) == "PENDING"
    assert stack.verification().proven, stack.verification().differences


@pytest.mark.usefixtures("soon_again")
def test_what_failed_for_want_of_an_action_is_logged_and_applied_when_it_comes_again(
    emulator: Emulator, stack: Stack, role_policy: RolePolicy
) -> None:
    one = Archived("plain", "probe/4")
    role_policy.without("dynamodb:BatchGetItem", "thaw-objects")
    message_id = stack.send(sns_envelope(notification(probe(one))))
    eventually(lambda: logged(emulator, stack, "Will be tried again", message_id))
    assert stack.status(one) == "PENDING"
    role_policy.restore()
    eventually(lambda: stack.status(one) == "RESTORING")
    assert stack.verification().proven, stack.verification().differences


@pytest.mark.usefixtures("soon_again")
def test_a_poison_message_that_may_not_be_put_aside_is_moved_by_the_queue_itself(
    stack: Stack, role_policy: RolePolicy
) -> None:
    role_policy.without("sqs:SendMessage", "thaw-events-dead-letter")
    stack.send("poison")
    dead = eventually(stack.take_dead_letter)
    assert dead["Body"] == "poison"
    assert reason_of(dead) == "", "the tracker could not say why"
