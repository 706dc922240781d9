"""The function answers as API Gateway wants it, with the right status, and tells nobody what is inside."""

import base64
import json
from dataclasses import asdict
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from lambdas.environment import SettingsError
from lambdas.job_api import handler as module
from lambdas.job_api.body import MAX_BODY_BYTES
from lambdas.job_settings import JobSettings
from tests.fakes.dynamodb import Fault, client_error
from tests.jobs.served import ACCOUNT, ASKED, LISTED, TOPIC, TRANSFER, failed, progress_of, refused, restoring
from tests.lambdas.environment import set_variables
from tests.lambdas.job_api.deployed import CONTEXT, REQUEST_ID, Deployed, proxied
from tests.lambdas.job_functions import ENVIRONMENT
from thaw.core.vault_states import VaultState
from thaw.store.errors import ContentionError


@pytest.fixture
def deployed() -> Deployed:
    return Deployed()


def test_a_job_that_is_started_is_told_whole(deployed: Deployed) -> None:
    answered = deployed.create(ASKED)
    job_id = answered.json["BulkJobId"]
    assert answered.status == 201
    assert answered.headers == {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "Location": f"jobs/{job_id}",
    }
    assert answered.json["SNSTopic"] == TOPIC
    assert answered.json["Status"] == "Restoring"
    assert answered.json["validated"]["objects"] == 2
    assert answered.json["request"] == {
        **ASKED,
        "source_bucket": "archive",
        "way": "batch_operations",
        "dry_run": False,
    }


def test_one_that_is_still_prepared_says_how_to_follow_it(deployed: Deployed) -> None:
    deployed.served.steps = []
    answered = deployed.create(ASKED)
    assert answered.status == 202
    job_id = answered.json["BulkJobId"]
    assert answered.json["message"] == (
        f"The job is still being prepared: GET /jobs/{job_id} tells how it goes."
    )


def test_a_repeated_request_is_answered_with_its_job(deployed: Deployed) -> None:
    first = deployed.create({**ASKED, "idempotency_key": "k"})
    again = deployed.create({**ASKED, "idempotency_key": "k"})
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json


def test_a_refused_job_is_answered_with_its_reason(deployed: Deployed) -> None:
    deployed.served.steps = [refused]
    answered = deployed.create(ASKED)
    assert answered.status == 422
    assert answered.error == (
        "Refused",
        "The manifest in manifests of account (account) names no archived object.",
    )


def test_a_job_that_fails_at_once_is_answered_with_its_reason(deployed: Deployed) -> None:
    deployed.served.steps = [failed]
    answered = deployed.create({**ASKED, "job_id": "july"})
    assert answered.status == 500
    assert answered.error == ("JobFailed", "Job july failed: role/thaw-batch may not be assumed.")


@pytest.mark.parametrize(
    ("body", "status", "code", "sentence"),
    [
        (None, 400, "BadRequest", "The request has no body; it must be a JSON object."),
        ("  ", 400, "BadRequest", "The request has no body; it must be a JSON object."),
        ("{", 400, "BadRequest", "The body is no JSON: Expecting property name"),
        ("[]", 400, "BadRequest", "The request must be a JSON object, not []."),
        ('{"a": NaN}', 400, "BadRequest", "The body is no JSON: it has NaN."),
        ('{"tier": 1, "tier": 2}', 400, "BadRequest", "The body names a field twice."),
        ('{"bucket": "\\ud800"}', 400, "BadRequest", "half of a surrogate pair"),
        ("[" * 5000, 400, "BadRequest", "The body is nested too deeply"),
        ("[" * 5000 + "]" * 5000, 400, "BadRequest", "The body is nested too deeply"),
        ('{"a":' * 4000 + "1" + "}" * 4000, 400, "BadRequest", "The body is nested too deeply"),
        ('{"expiration_days": ' + "9" * 5000 + "}", 400, "BadRequest", "more digits than any field takes"),
        ('{"expiration_days": 1e999}', 400, "BadRequest", "The request lacks the field"),
        (
            '"' + "x" * MAX_BODY_BYTES,
            413,
            "TooLarge",
            "The body has 32,769 bytes; a request may have 32,768.",
        ),
        ('"' + "é" * (MAX_BODY_BYTES // 2), 413, "TooLarge", "The body has 32,769 bytes"),
        (json.dumps({**ASKED, "tier": "FAST"}), 400, "BadRequest", 'tier is "FAST"'),
        (
            json.dumps({**ASKED, "key": "missing.csv"}),
            422,
            "Refused",
            "There is no manifest at s3://manifests/",
        ),
    ],
)
def test_a_body_at_fault_is_answered_with_a_sentence(
    deployed: Deployed, body: str | None, status: int, code: str, sentence: str
) -> None:
    answered = deployed.create(body)
    assert answered.status == status
    assert answered.error[0] == code
    assert sentence in answered.error[1]
    assert len(answered.text) < 500
    assert deployed.served.stored() == []


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b'{"bucket": "\xff"}', 400), (json.dumps(ASKED).encode(), 201), (b"x" * (MAX_BODY_BYTES + 1), 413)],
)
def test_a_body_may_come_in_base64(deployed: Deployed, raw: bytes, status: int) -> None:
    event = proxied("POST", "/create-job", base64.b64encode(raw).decode())
    assert deployed.send({**event, "isBase64Encoded": True}).status == status


def test_what_says_it_is_base64_and_is_not_is_refused(deployed: Deployed) -> None:
    event = {**proxied("POST", "/create-job", "{not base64}"), "isBase64Encoded": True}
    assert deployed.send(event).error == ("BadRequest", "The body is not UTF-8.")


def test_jobs_are_listed_in_pages(deployed: Deployed) -> None:
    ids = [deployed.create(LISTED).json["BulkJobId"] for _ in range(3)]
    first = deployed.ask("GET", "/jobs", query="limit=2")
    assert [job["BulkJobId"] for job in first.json["jobs"]] == [ids[2], ids[1]]
    rest = deployed.ask("GET", "/jobs", query=f"limit=2&start={first.json['next']}")
    assert [job["BulkJobId"] for job in rest.json["jobs"]] == [ids[0]]
    assert rest.json["next"] is None


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "limit is 0; it must be from 1 to 100."),
        ("limit=many", 'limit is "many"; it must be from 1 to 100.'),
        ("limit=", 'limit is ""; it must be from 1 to 100.'),
        ("limit=%C2%B2", "it must be from 1 to 100."),
        ("limit=%D9%A3", "it must be from 1 to 100."),
        ("limit=" + "9" * 5000, "it must be from 1 to 100."),
        ("limit=1&limit=2", "The query parameter limit is given 2 times."),
        ("start=", "start must be the next of the page before, as it was given."),
        ("page=2", 'There is no query parameter "page" here.'),
    ],
)
def test_a_query_at_fault_is_answered_with_a_sentence(deployed: Deployed, query: str, sentence: str) -> None:
    answered = deployed.ask("GET", "/jobs", query=query)
    assert answered.status == 400
    assert sentence in answered.error[1]


def test_a_job_is_shown_with_its_progress(deployed: Deployed) -> None:
    job_id = deployed.create(ASKED).json["BulkJobId"]
    deployed.served.progress[job_id] = progress_of(job_id, pending=1, restored=1)
    answered = deployed.ask("GET", f"/jobs/{job_id}")
    assert answered.status == 200
    assert answered.json["progress"]["percent"] == 50
    assert answered.json["progress"]["by_status"]["RESTORED"] == {"objects": 1, "size_bytes": 1000}


def test_a_job_is_cancelled(deployed: Deployed) -> None:
    job_id = deployed.create(ASKED).json["BulkJobId"]
    answered = deployed.ask("DELETE", f"/jobs/{job_id}")
    assert answered.status == 202
    assert answered.json["cancel_requested_at"]
    assert deployed.served.cancelled == [job_id]


def test_a_transfer_is_told_whole(deployed: Deployed) -> None:
    answered = deployed.ask("POST", "/vault-transfers", TRANSFER)
    job_id = answered.json["BulkJobId"]
    assert (answered.status, answered.headers["Location"]) == (201, f"jobs/{job_id}")
    assert (answered.json["bucket"], answered.json["vault"]) == ("vault:photos", None)
    assert answered.json["request"].items() >= TRANSFER.items()
    deployed.served.vaults.create(VaultState(job_id, held="The budget of the day is used up."))
    shown = deployed.ask("GET", f"/jobs/{job_id}").json["vault"]
    assert shown["held"] == "The budget of the day is used up."


def test_a_transfer_is_stopped_and_resumed(deployed: Deployed) -> None:
    job_id = deployed.ask("POST", "/vault-transfers", TRANSFER).json["BulkJobId"]
    stopped = deployed.ask("DELETE", f"/jobs/{job_id}", query="keep_uploads=true")
    assert (stopped.status, deployed.served.states.read(job_id).keep_uploads) == (202, True)
    assert deployed.ask("POST", f"/vault-transfers/{job_id}/resume", {}).status == 409
    deployed.served.states.update(job_id, failed)
    deployed.served.steps = [restoring]
    resumed = deployed.ask("POST", f"/vault-transfers/{job_id}/resume", {"tier": "STANDARD"})
    assert (resumed.status, resumed.json["run"], resumed.json["request"]["tier"]) == (201, 2, "STANDARD")
    assert resumed.headers["Location"] == f"../../jobs/{job_id}"


@pytest.mark.parametrize(
    ("method", "path", "query", "sentence"),
    [
        ("DELETE", "/jobs/july", "keep_uploads=yes", 'keep_uploads is "yes"; it must be true or false.'),
        ("DELETE", "/jobs/july", "force=true", 'There is no query parameter "force" here.'),
        ("POST", "/vault-transfers/july/resume", "x=1", 'There is no query parameter "x" here.'),
    ],
)
def test_a_query_of_a_job_at_fault_is_answered_with_a_sentence(
    deployed: Deployed, method: str, path: str, query: str, sentence: str
) -> None:
    answered = deployed.ask(method, path, {} if method == "POST" else None, query=query)
    assert (answered.status, answered.error) == (400, ("BadRequest", sentence))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_job_that_is_not_there_is_not_found(deployed: Deployed, method: str) -> None:
    answered = deployed.ask(method, "/jobs/nobody")
    assert (answered.status, answered.error) == (404, ("NotFound", 'There is no job "nobody".'))


@pytest.mark.parametrize(("method", "path"), [("PUT", "/jobs"), ("GET", "/create-job"), ("GET", "/etc")])
def test_what_is_no_route_is_not_found(deployed: Deployed, method: str, path: str) -> None:
    answered = deployed.ask(method, path)
    assert (answered.status, answered.error) == (404, ("NotFound", f'There is no {method} "{path}" here.'))


def _denied() -> ClientError:
    message = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/thaw-job-api/thaw-job-api is not authorized"
    return client_error("GetItem", "AccessDeniedException", message)


@pytest.mark.parametrize(
    "error", [_denied(), ValueError(f"in {ACCOUNT}"), KeyError("x"), RecursionError(), AssertionError()]
)
@pytest.mark.parametrize("path", ["/create-job", "/jobs", "/jobs/july"])
def test_what_goes_wrong_inside_is_logged_and_not_told(
    deployed: Deployed, error: Exception, path: str
) -> None:
    deployed.served.dynamodb.on_call = lambda _: Fault(before=error)
    answered = deployed.create(LISTED) if path == "/create-job" else deployed.ask("GET", path)
    assert answered.status == 500
    assert answered.error == (
        "InternalError",
        f"Something went wrong on our side; the log has it under {REQUEST_ID}.",
    )
    assert type(error).__name__ in deployed.log.getvalue()
    assert "Traceback" in deployed.log.getvalue()


@pytest.mark.parametrize(
    "error", [client_error("GetItem", "ThrottlingException"), ContentionError("others are faster")]
)
def test_a_busy_stack_asks_for_patience(deployed: Deployed, error: Exception) -> None:
    deployed.served.dynamodb.on_call = lambda _: Fault(before=error)
    answered = deployed.ask("GET", "/jobs/july")
    assert (answered.status, answered.headers["Retry-After"]) == (503, "5")
    assert answered.error == ("Busy", "The stack is busy; ask again in a few seconds.")


def test_answers_are_counted(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.create(ASKED)
    deployed.create("{")
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each.get("Answers2xx", each.get("Answers4xx")) for each in metrics] == [[1.0], [1.0]]


def test_the_service_is_of_the_stack_that_the_environment_names() -> None:
    environment = {**ENVIRONMENT, "TRANSFER_VAULT_MACHINE_ARN": "arn:transfer-vault"}
    stack = module.job_stack(JobSettings.from_environment(environment))
    variables = {name.upper(): value for name, value in asdict(stack).items() if isinstance(value, str)}
    assert len(variables) == 6
    assert variables.items() < environment.items()
    assert stack.rules.to_json() == environment["JOB_RULES"]


def test_the_deployed_function_is_made_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    powertools = {"POWERTOOLS_METRICS_NAMESPACE": "Thaw", "POWERTOOLS_SERVICE_NAME": "job_api"}
    set_variables(monkeypatch, {**ENVIRONMENT, **powertools})
    module.job_api.cache_clear()
    answer = module.handler(proxied("PUT", "/jobs"), CONTEXT)
    assert answer["statusCode"] == 404
    module.job_api.cache_clear()


def test_a_function_without_its_environment_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, dict.fromkeys(ENVIRONMENT, ""))
    module.job_api.cache_clear()
    with pytest.raises(SettingsError, match="is not set; deploy the stack again"):
        module.handler(cast("dict[str, Any]", {}), CONTEXT)
