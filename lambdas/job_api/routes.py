"""The routes of the API: what each takes out of a request, does, and answers. See docs/openapi.yaml."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lambdas.job_api.body import json_body
from thaw.core.job_request_errors import BAD_REQUEST, NOT_FOUND, JobRefusedError
from thaw.core.job_states import JobState
from thaw.core.job_view import job_line, job_view
from thaw.core.jobs import Progress
from thaw.core.redaction import redacted
from thaw.core.request_fields import shown
from thaw.core.vault_states import VaultState
from thaw.jobs.service import MAX_PAGE, JobService
from thaw.jobs.service_types import Created, Outcome

USUAL_PAGE = 25

STATUSES: Mapping[Outcome, int] = {
    Outcome.STARTED: 201,
    Outcome.PREPARING: 202,
    Outcome.REPEATED: 200,
    Outcome.FAILED: 500,
}


class Answer(NamedTuple):
    """An HTTP answer; `body` is what becomes JSON."""

    status: int
    body: dict[str, Any]
    location: str = ""


@dataclass(frozen=True)
class Routes:
    """The routes over a service. Every one raises JobRefusedError for a request at fault."""

    service: JobService
    topic_arn: str
    jobs_bucket: str

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The answer to a proxied request of API Gateway."""
        method, resource = event["httpMethod"], event["resource"]
        route = ROUTES.get((method, resource))
        if route is None:
            raise JobRefusedError(f"There is no {method} {shown(event['path'])} here.", NOT_FOUND)
        return route(self, event)

    def create(self, event: Mapping[str, Any]) -> Answer:
        return self._created(self.service.create(json_body(event)))

    def transfer(self, event: Mapping[str, Any]) -> Answer:
        return self._created(self.service.transfer(json_body(event)))

    def resume(self, event: Mapping[str, Any]) -> Answer:
        return self._created(self.service.resume(_job_id(event), json_body(event)), above="../../")

    def _created(self, created: Created, above: str = "") -> Answer:
        """`above` leads from the path of the request to that of `/create-job`."""
        state, job_id = created.state, created.state.job_id
        if created.outcome is Outcome.FAILED:
            reason = redacted(state.reason)
            return error_answer(STATUSES[Outcome.FAILED], f"Job {job_id} failed: {reason}", "JobFailed")
        body = self._view(state, None)
        if created.outcome is Outcome.PREPARING:
            body["message"] = f"The job is still being prepared: GET /jobs/{job_id} tells how it goes."
        return Answer(STATUSES[created.outcome], body, f"{above}jobs/{job_id}")

    def list(self, event: Mapping[str, Any]) -> Answer:
        query = _query(event, ("limit", "start"))
        page = self.service.list(_limit(query), query.get("start"))
        return Answer(200, {"jobs": [job_line(state) for state in page.states], "next": page.next or None})

    def show(self, event: Mapping[str, Any]) -> Answer:
        return Answer(200, self._view(*self.service.show(_job_id(event))))

    def cancel(self, event: Mapping[str, Any]) -> Answer:
        keep = _flag(_query(event, ("keep_uploads",)), "keep_uploads")
        return Answer(202, job_line(self.service.cancel(_job_of(event), keep_uploads=keep)))

    def _view(
        self, state: JobState, progress: Progress | None, vault: VaultState | None = None
    ) -> dict[str, Any]:
        return job_view(state, progress, self.topic_arn, self.jobs_bucket, vault)


ROUTES: Mapping[tuple[str, str], Callable[[Routes, Mapping[str, Any]], Answer]] = {
    ("POST", "/create-job"): Routes.create,
    ("GET", "/jobs"): Routes.list,
    ("GET", "/jobs/{job_id}"): Routes.show,
    ("DELETE", "/jobs/{job_id}"): Routes.cancel,
    ("POST", "/vault-transfers"): Routes.transfer,
    ("POST", "/vault-transfers/{job_id}/resume"): Routes.resume,
}

CODES: Mapping[int, str] = {
    400: "BadRequest",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    422: "Refused",
    500: "InternalError",
    503: "Busy",
}


def error_answer(status: int, message: str, code: str = "") -> Answer:
    """An error as the API tells it: a word for programs and a sentence for people."""
    return Answer(status, {"error": {"code": code or CODES.get(status, "Refused"), "message": message}})


def _job_id(event: Mapping[str, Any]) -> str:
    _query(event, ())
    return _job_of(event)


def _job_of(event: Mapping[str, Any]) -> str:
    parameters: dict[str, str] = event.get("pathParameters") or {}
    return parameters.get("job_id", "")


def _query(event: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, str]:
    query: dict[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    for name, values in query.items():
        if name not in known:
            raise JobRefusedError(f"There is no query parameter {shown(name)} here.", BAD_REQUEST)
        if len(values) > 1:
            raise JobRefusedError(f"The query parameter {name} is given {len(values)} times.", BAD_REQUEST)
    return {name: values[0] for name, values in query.items()}


def _flag(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise JobRefusedError(f"{name} is {shown(text)}; it must be true or false.", BAD_REQUEST)
    return text == "true"


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(USUAL_PAGE))
    if not re.fullmatch("[0-9]{1,9}", text):
        raise JobRefusedError(f"limit is {shown(text)}; it must be from 1 to {MAX_PAGE}.", BAD_REQUEST)
    return int(text)
