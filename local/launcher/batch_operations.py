"""S3 Batch Operations, which the emulator lacks: CreateJob, DescribeJob, ListJobs, UpdateJobStatus.

Restores only; jobs run in the emulator's own S3. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html
"""

import asyncio
import inspect
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, tostring

import batch_xml
import hosts
import shapes
from batch_answers import check, described, listed
from batch_jobs import ENDED, Runner, start
from batch_roles import SERVICE, BatchRole
from batch_tasks import Job
from batch_xml import ControlError

_JOBS = "/v20180820/jobs"
_OPERATIONS = {
    ("POST", False, ""): "CreateJob",
    ("GET", False, ""): "ListJobs",
    ("GET", True, ""): "DescribeJob",
    ("POST", True, "status"): "UpdateJobStatus",
}
Query = dict[str, list[str]]


def jobs_are_created_and_run(
    app: Any, s3: Any, iam_evaluator: Any, iam_actions: Any, environ: Mapping[str, str]
) -> None:
    """`/v20180820/jobs` is an undefined path."""
    enforced = environ.get("AUTH") == "true"

    def role(role_arn: str, job_arn: str) -> BatchRole:
        return BatchRole(iam_evaluator, iam_actions, enforced, role_arn, job_arn)

    service = BatchOperations(app, s3, role, Runner(s3, environ))

    def make(original: Any) -> Callable[..., Any]:
        async def handle(
            path: str, method: str, body: bytes, query: Any, request_id: str, headers: Any = None
        ) -> Any:
            if path != _JOBS and not path.startswith(f"{_JOBS}/"):
                return await original(path, method, body, query, request_id, headers)
            return service.handle(path, method, body, query, request_id, headers or {})

        return handle

    shapes.replace(app, "_handle_s3_control_request", "65f5c1e30b4a", make)


def workers_find_the_service(lambda_runtime: Any) -> None:
    """A worker cannot resolve the names that S3 Control's clients make."""
    preamble = f"{inspect.getsource(hosts)}\n\naccount_names_resolve()\n"
    lambda_runtime._PYTHON_WORKER_SCRIPT = preamble + lambda_runtime._PYTHON_WORKER_SCRIPT


class BatchOperations:
    """The service: its jobs by account and id."""

    def __init__(self, app: Any, s3: Any, role: Callable[[str, str], BatchRole], runner: Runner) -> None:
        self._app = app
        self._s3 = s3
        self._role = role
        self._runner = runner
        self._jobs: dict[tuple[str, str], Job] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._handlers: dict[str, Callable[[str, str, bytes, Query], Element]] = {
            "CreateJob": self._create,
            "ListJobs": self._list,
            "DescribeJob": self._describe,
            "UpdateJobStatus": self._update,
        }

    def handle(self, path: str, method: str, body: bytes, query: Query, request_id: str, headers: Any) -> Any:
        """One request, as the emulator's own handlers take and answer it."""
        job_id, _, part = path.removeprefix(_JOBS).lstrip("/").partition("/")
        operation = _OPERATIONS.get((method, bool(job_id), part))
        if operation is None:
            return self._s3.s3control_error("NotImplemented", f"{method} {path} is not hosted here", 501)

        def allow(action: str, arn: str, context: Mapping[str, Any] | None = None) -> Any:
            more = {"resource_arn": arn, "service_context": context}
            return self._app._enforce_data_plane("s3", action, headers, query, request_id, **more)

        try:
            refused = self._s3.s3control_account_error(headers)
            refused = refused or self._refusal(operation, job_id, body, allow)
            if refused:
                return refused
            answer = self._handlers[operation](self._s3.get_account_id(), job_id, body, query)
        except ControlError as exc:
            return self._s3.s3control_error(exc.code, str(exc), exc.status)
        return 200, {"Content-Type": "application/xml", "x-amzn-requestid": request_id}, tostring(answer)

    def _refusal(self, operation: str, job_id: str, body: bytes, allow: Callable[..., Any]) -> Any:
        """AWS's denial, if policies are enforced on the caller and do not allow the operation.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
        """
        if job_id:
            return allow(f"s3:{operation}", self._arn(job_id))
        if operation == "ListJobs":
            return allow("s3:ListJobs", "*")
        request = batch_xml.read("CreateJob", body)
        asked = {
            "s3:RequestJobOperation": next(iter(request["Operation"]), ""),
            "s3:RequestJobPriority": request["Priority"],
        }
        return (
            allow("s3:CreateJob", "*", asked)
            or (request.get("Tags") and allow("s3:PutJobTagging", "*"))
            or allow("iam:PassRole", request["RoleArn"], {"iam:PassedToService": SERVICE})
        )

    def _create(self, account: str, _job_id: str, body: bytes, _query: Query) -> Element:
        """A job once for a token. Raises ControlError."""
        request = batch_xml.read("CreateJob", body)
        known = self._tokens.get((account, request["ClientRequestToken"]))
        if known is not None:
            if self._jobs[account, known].request != request:
                message = "Different request parameters than in the previous request with this token"
                raise ControlError("IdempotencyException", message)
            return batch_xml.write("CreateJob", {"JobId": known})
        check(request)
        job_id = str(uuid.uuid4())
        job = Job(job_id, request, self._role(request["RoleArn"], self._arn(job_id)), time.time())
        self._jobs[account, job_id] = job
        self._tokens[account, request["ClientRequestToken"]] = job_id
        start(self._runner, job, self._keep)
        return batch_xml.write("CreateJob", {"JobId": job_id})

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _list(self, account: str, _job_id: str, _body: bytes, query: Query) -> Element:
        wanted = set(query.get("jobStatuses", []))
        found = [job for (owner, _), job in reversed(self._jobs.items()) if owner == account]
        found = [job for job in found if not wanted or job.status in wanted]
        start_at = int(query.get("nextToken", ["0"])[0])
        end = start_at + int(query.get("maxResults", ["1000"])[0])
        answer: dict[str, Any] = {"Jobs": [listed(job) for job in found[start_at:end]]}
        return batch_xml.write("ListJobs", {**answer, **({"NextToken": end} if end < len(found) else {})})

    def _arn(self, job_id: str) -> str:
        return f"arn:aws:s3:{self._s3.get_region()}:{self._s3.get_account_id()}:job/{job_id}"

    def _find(self, account: str, job_id: str) -> Job:
        job = self._jobs.get((account, job_id))
        if job is None:
            raise ControlError("NoSuchJob", "The specified job does not exist", 404)
        return job

    def _describe(self, account: str, job_id: str, _body: bytes, _query: Query) -> Element:
        job = self._find(account, job_id)
        return batch_xml.write("DescribeJob", {"Job": described(job, self._arn(job_id))})

    def _update(self, account: str, job_id: str, _body: bytes, query: Query) -> Element:
        job = self._find(account, job_id)
        wanted = query.get("requestedJobStatus", [""])[0]
        if wanted not in ("Cancelled", "Ready"):
            raise ControlError("InvalidRequest", f"{wanted} is no status to request")
        if job.status in ENDED or (wanted == "Ready" and job.status != "Suspended"):
            message = f"Current status is {job.status} and the requested status is {wanted}"
            raise ControlError("JobStatusException", message)
        job.status = "Cancelling" if wanted == "Cancelled" else "Ready"
        job.update_reason = query.get("statusUpdateReason", [""])[0]
        answer = {"JobId": job.job_id, "Status": job.status}
        reason = {"StatusUpdateReason": job.update_reason} if job.update_reason else {}
        return batch_xml.write("UpdateJobStatus", {**answer, **reason})
