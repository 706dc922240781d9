"""State machines and REST APIs that the deployer makes run, and their roles are judged."""

import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.deployer import Deployment
from local.deployer.asl_rights import rights_needed
from local.emulator import Emulator
from local.errors import DeployError
from tests.waiting import eventually

pytestmark = pytest.mark.emulator

PROGRAM = Path(__file__).parent / "programs" / "workflows.py"
CODE = """
import json

def handler(event, context):
    if "httpMethod" in event:
        return {"statusCode": 200, "body": json.dumps({"asked": json.loads(event["body"])["file"]})}
    return event["file"].upper()
"""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True, wait_scale=0.01) as running:
        running.client("s3").create_bucket(Bucket="files")
        for key in ("in/x/a", "in/x/b", "in/y/c"):
            running.client("s3").put_object(Bucket="files", Key=key, Body=b"")
        yield running


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    package = tmp_path_factory.mktemp("package") / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("answering.py", CODE)
    return {"package": str(package)}


@pytest.fixture
def deployment(emulator: Emulator) -> Iterator[Deployment]:
    """The program, not yet up; nothing of it is left behind."""
    deployment = Deployment(emulator, PROGRAM)
    yield deployment
    deployment.destroy()


def ask(
    deployment: Deployment,
    body: Any,
    *,
    signed: bool = True,
    key: str = "",
    user: boto3.Session | None = None,
) -> tuple[int, Any]:
    """Status and answer of the API."""
    data, url = json.dumps(body).encode(), f"{deployment.outputs['url']}/files"
    request = AWSRequest("POST", url, data=data, headers={"Content-Type": "application/json"})
    if key:
        request.headers["x-api-key"] = key
    if signed:
        session = user or deployment.emulator.session()
        credentials = session.get_credentials()
        assert credentials is not None
        SigV4Auth(credentials, "execute-api", deployment.emulator.region).add_auth(request)
    sent = urllib.request.Request(url, data, dict(request.headers), method="POST")  # noqa: S310 the emulator's
    try:
        with urllib.request.urlopen(sent) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def run(deployment: Deployment, given: Any) -> Any:
    """What the parent machine came to."""
    client = deployment.emulator.client("stepfunctions")
    arn = deployment.outputs["parent"]
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]

    def ended() -> Any:
        described = client.describe_execution(executionArn=execution)
        return described if described["status"] != "RUNNING" else None

    return eventually(ended)


def test_a_machine_waits_for_its_child_which_calls_a_function_for_every_file(
    deployment: Deployment, config: dict[str, Any]
) -> None:
    deployment.up(config)
    ended = run(deployment, {"folder": "x"})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"answers": ["IN/X/A", "IN/X/B"]})
    client = deployment.emulator.client("stepfunctions")
    child = f"arn:aws:states:us-east-1:{Emulator.account}:stateMachine:child"
    assert client.list_tags_for_resource(resourceArn=child)["tags"] == [{"key": "team", "value": "archive"}]
    deployment.up({**config, "comment": "changed"})
    described = client.describe_state_machine(stateMachineArn=child)
    assert json.loads(described["definition"])["Comment"] == "changed"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"missing": "lambda:InvokeFunction"},
            "the role machine may not lambda:InvokeFunction on arn:aws:lam",
        ),
        ({"listed": "out/*"}, "the role machine may not s3:ListBucket on arn:aws:s3:::files"),
        ({"missing": "states:StopExecution"}, "may not states:StopExecution on .*:execution:child:any"),
        ({"missing": "events:PutRule"}, "may not events:PutRule on .*StepFunctionsGetEventsForStep"),
        ({"missing": "logs:*"}, r"may not logs:CreateLogDelivery on \*"),
        ({"trusted": "lambda.amazonaws.com"}, "role/machine does not trust states.amazonaws.com"),
    ],
)
def test_a_machine_whose_role_is_not_enough_is_refused(
    deployment: Deployment, config: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DeployError, match=sentence):
        deployment.up({**config, **change})


def test_an_integration_whose_rights_nobody_knows_is_refused() -> None:
    states = {"Go": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution"}}
    with pytest.raises(DeployError, match="does not know which rights arn:aws:states:::athena"):
        list(rights_needed({"States": states}, "arn"))


def test_an_api_asks_for_a_signature_and_a_right_body(deployment: Deployment, config: dict[str, Any]) -> None:
    deployment.up(config)
    assert ask(deployment, {"file": "a"}) == (200, {"asked": "a"})
    assert ask(deployment, {"file": "a"}, signed=False)[0] == 403
    told = {"error": "Invalid request body"}
    assert ask(deployment, {"file": 1}) == (400, told), "the stage's own template"


def test_an_api_lets_in_whom_a_policy_lets_in(deployment: Deployment, config: dict[str, Any]) -> None:
    deployment.up(config)
    iam = deployment.emulator.client("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    user = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    assert ask(deployment, {"file": "a"}, user=user)[0] == 403
    allow = {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:*:*:*/v1/POST/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="caller", PolicyName="call", PolicyDocument=policy)
    assert ask(deployment, {"file": "a"}, user=user)[0] == 200


def test_an_api_with_a_key_counts_its_calls(deployment: Deployment, config: dict[str, Any]) -> None:
    deployment.up({**config, "with_key": True})
    key = deployment.outputs["key"]
    assert ask(deployment, {"file": "a"}, signed=False)[0] == 403
    answers = [ask(deployment, {"file": "a"}, signed=False, key=key)[0] for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_an_api_is_throttled(deployment: Deployment, config: dict[str, Any]) -> None:
    deployment.up({**config, "burst": 2})
    assert [ask(deployment, {"file": "a"})[0] for _ in range(3)] == [200, 200, 429]


def test_an_api_does_not_invoke_a_function_that_does_not_let_it(
    deployment: Deployment, config: dict[str, Any]
) -> None:
    deployment.up({**config, "without_leave": True})
    assert ask(deployment, {"file": "a"})[0] == 500
