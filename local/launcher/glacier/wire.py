"""The service over HTTP: https://docs.aws.amazon.com/amazonglacier/latest/dev/amazon-glacier-api.html"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from . import faults
from .archives import check_description, checked_tree_hash
from .errors import GlacierError, invalid, missing
from .jobs import Job
from .service import PAGE, Glacier
from .vaults import HOME, Place, Vault

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/")
_OPERATIONS = {
    ("GET", "vaults"): "ListVaults",
    ("PUT", "vaults/*"): "CreateVault",
    ("GET", "vaults/*"): "DescribeVault",
    ("DELETE", "vaults/*"): "DeleteVault",
    ("POST", "vaults/*/archives"): "UploadArchive",
    ("DELETE", "vaults/*/archives/*"): "DeleteArchive",
    ("POST", "vaults/*/multipart-uploads"): "InitiateMultipartUpload",
    ("PUT", "vaults/*/multipart-uploads/*"): "UploadMultipartPart",
    ("POST", "vaults/*/multipart-uploads/*"): "CompleteMultipartUpload",
    ("DELETE", "vaults/*/multipart-uploads/*"): "AbortMultipartUpload",
    ("POST", "vaults/*/jobs"): "InitiateJob",
    ("GET", "vaults/*/jobs"): "ListJobs",
    ("GET", "vaults/*/jobs/*"): "DescribeJob",
    ("GET", "vaults/*/jobs/*/output"): "GetJobOutput",
}


class Answer(NamedTuple):
    """What goes back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Asked(NamedTuple):
    """A request, taken apart. `vault` and `name` (of an archive, upload or job) may be ""."""

    operation: str
    place: Place
    vault: str
    name: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class GlacierHttp:
    """Answers HTTP requests for a `Glacier`, without a socket of its own."""

    def __init__(self, glacier: Glacier, account: str = HOME.account) -> None:
        self.glacier = glacier
        self._account = account
        self._handlers: dict[str, Callable[[Asked], Answer]] = {
            "ListVaults": self._list_vaults,
            "CreateVault": self._create_vault,
            "DescribeVault": self._describe_vault,
            "DeleteVault": self._delete_vault,
            "UploadArchive": self._upload_archive,
            "DeleteArchive": self._delete_archive,
            "InitiateMultipartUpload": self._begin_upload,
            "UploadMultipartPart": self._upload_part,
            "CompleteMultipartUpload": self._complete_upload,
            "AbortMultipartUpload": self._abort_upload,
            "InitiateJob": self._initiate_job,
            "ListJobs": self._list_jobs,
            "DescribeJob": self._describe_job,
            "GetJobOutput": self._job_output,
        }

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, account: str = ""
    ) -> Answer:
        """Answers a request; `target` is the path with its query, `account` that of the caller."""
        self.glacier.settle()
        try:
            asked = _taken_apart(method, target, headers, body, account or self._account)
            self.glacier.state.calls[asked.operation] += 1
            about = (asked.operation, asked.vault, self._subject(asked))
            self.glacier.faults.refuse(faults.ERROR, *about)
            answer = self._handlers[asked.operation](asked)
            self.glacier.faults.refuse(faults.LOST_ANSWER, *about)
        except GlacierError as exc:
            answer = _told(exc.document, exc.status)
        self.glacier.settle()
        more = {"x-amzn-RequestId": uuid.uuid4().hex, "Content-Length": str(len(answer.body))}
        return Answer(answer.status, answer.headers | more, answer.body)

    def _subject(self, asked: Asked) -> str:
        """The archive that a request is about, "inventory" for an inventory."""
        if asked.operation == "InitiateJob":
            return _json(asked.body).get("ArchiveId") or "inventory"
        vault = self.glacier.state.vaults.get((asked.place, asked.vault))
        job = vault.jobs.get(asked.name) if vault else None
        return job.subject if job else asked.name

    def _vault(self, asked: Asked) -> Vault:
        return self.glacier.vault(asked.vault, asked.place)

    def _list_vaults(self, asked: Asked) -> Answer:
        vaults = {vault.name: vault for vault in self.glacier.vaults_of(asked.place)}
        page, marker = _page(list(vaults), asked.query, 10)
        listed = [vaults[name].document(self.glacier.inventory_time) for name in page]
        return _told({"VaultList": listed, "Marker": marker})

    def _create_vault(self, asked: Asked) -> Answer:
        self.glacier.create_vault(asked.vault, asked.place)
        return _made(f"/{asked.place.account}/vaults/{asked.vault}")

    def _describe_vault(self, asked: Asked) -> Answer:
        return _told(self._vault(asked).document(self.glacier.inventory_time))

    def _delete_vault(self, asked: Asked) -> Answer:
        if self._vault(asked).archives:
            raise invalid(f"Vault not empty or recently written to: {self._vault(asked).arn}")
        del self.glacier.state.vaults[asked.place, asked.vault]
        return Answer(204, {})

    def _upload_archive(self, asked: Asked) -> Answer:
        vault = self._vault(asked)
        checked_tree_hash(asked.body, asked.headers.get("x-amz-sha256-tree-hash", ""))
        description = asked.headers.get("x-amz-archive-description", "")
        archive = vault.add(asked.body, description, self.glacier.now)
        return _stored(asked, archive.archive_id, archive.sha256_tree_hash)

    def _delete_archive(self, asked: Asked) -> Answer:
        self._vault(asked).delete(asked.name, self.glacier.now)
        return Answer(204, {})

    def _begin_upload(self, asked: Asked) -> Answer:
        given = asked.headers.get("x-amz-archive-description", "")
        check_description(given)
        upload = self._vault(asked).begin_upload(given, asked.headers.get("x-amz-part-size", ""))
        path = f"/{asked.place.account}/vaults/{asked.vault}/multipart-uploads/{upload.upload_id}"
        return _made(path, {"x-amz-multipart-upload-id": upload.upload_id})

    def _upload_part(self, asked: Asked) -> Answer:
        upload = self._vault(asked).upload(asked.name)
        claimed = asked.headers.get("x-amz-sha256-tree-hash", "")
        found = upload.add(asked.headers.get("content-range", ""), asked.body, claimed)
        return Answer(204, {"x-amz-sha256-tree-hash": found})

    def _complete_upload(self, asked: Asked) -> Answer:
        size, claimed = (
            asked.headers.get(f"x-amz-{name}", "") for name in ("archive-size", "sha256-tree-hash")
        )
        archive = self._vault(asked).end_upload(asked.name, size, claimed, self.glacier.now)
        return _stored(asked, archive.archive_id, archive.sha256_tree_hash)

    def _abort_upload(self, asked: Asked) -> Answer:
        vault = self._vault(asked)
        del vault.uploads[vault.upload(asked.name).upload_id]
        return Answer(204, {})

    def _initiate_job(self, asked: Asked) -> Answer:
        job = self.glacier.initiate_job(self._vault(asked), _json(asked.body))
        path = f"/{asked.place.account}/vaults/{asked.vault}/jobs/{job.job_id}"
        return Answer(202, {"Location": path, "x-amz-job-id": job.job_id})

    def _list_jobs(self, asked: Asked) -> Answer:
        vault, query = self._vault(asked), asked.query
        status, completed = query.get("statuscode", ""), query.get("completed", "")
        jobs = {job.job_id: job for job in self.glacier.jobs_of(vault, status=status, completed=completed)}
        page, marker = _page(list(jobs), query, PAGE)
        return _told({"JobList": [jobs[job_id].document for job_id in page], "Marker": marker})

    def _describe_job(self, asked: Asked) -> Answer:
        return _told(self._vault(asked).job(asked.name, self.glacier.now).document)

    def _job_output(self, asked: Asked) -> Answer:
        job = self.glacier.output_of(self._vault(asked), asked.name)
        body = job.body
        given = asked.headers.get("range", "")
        first, last = _output_range(given, len(body)) if given else (0, len(body) - 1)
        headers = {"Content-Type": _content_type(job), "Accept-Ranges": "bytes"}
        if given:
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        hashed = job.tree_hash_of(first, last)
        if hashed:
            headers["x-amz-sha256-tree-hash"] = hashed
        if job.archive is not None and job.archive.description:
            headers["x-amz-archive-description"] = job.archive.description
        piece = self._damaged(job, body[first : last + 1])
        return Answer(206 if given else 200, headers, piece)

    def _damaged(self, job: Job, piece: bytes) -> bytes:
        """As it is, unless it is made to go wrong."""
        about = ("GetJobOutput", job.vault, job.subject)
        if self.glacier.faults.find(faults.SHORT, *about):
            return piece[:-1]
        if self.glacier.faults.find(faults.CORRUPT, *about):
            return piece[:-1] + bytes([piece[-1] ^ 1])
        return piece


def operation_of(method: str, path: str) -> str:
    """The operation of a request, "" for none of Glacier's."""
    _account, *rest = path.strip("/").split("/")
    shape = "/".join("*" if at in (1, 3) else part for at, part in enumerate(rest))
    return _OPERATIONS.get((method, shape), "")


def _taken_apart(method: str, target: str, headers: Mapping[str, str], body: bytes, account: str) -> Asked:
    """Raises GlacierError for what is no operation of Glacier's, or not of the caller's account."""
    path, _, query = target.partition("?")
    given, *rest = (unquote(part) for part in path.strip("/").split("/"))
    lowered = {name.lower(): value for name, value in headers.items()}
    operation = operation_of(method, path)
    if not operation:
        raise GlacierError("BadRequest", f"{method} {path} is not hosted here")
    if given not in ("-", account):
        raise GlacierError("AccessDeniedException", f"The account {given} is not that of the caller")
    if "x-amz-glacier-version" not in lowered:
        raise missing("Required parameter missing: API version")
    scope = _SCOPE.search(lowered.get("authorization", ""))
    place = Place(account, scope[1] if scope else HOME.region)
    names = [*rest, "", "", "", ""]
    return Asked(operation, place, names[1], names[3], dict(parse_qsl(query)), lowered, body)


def _page(names: list[str], query: Mapping[str, str], most: int) -> tuple[list[str], str | None]:
    """The names of a page, which begins at the marker, and the marker of the next. Raises GlacierError."""
    limit, marker = query.get("limit") or str(most), query.get("marker", "")
    if not limit.isdecimal() or not 1 <= int(limit) <= PAGE:
        raise invalid(f"Invalid limit: {limit}")
    if marker and marker not in names:
        raise invalid(f"Invalid marker: {marker}")
    start = names.index(marker) if marker else 0
    end = start + int(limit)
    return names[start:end], names[end] if end < len(names) else None


def _output_range(text: str, size: int) -> tuple[int, int]:
    first, _, last = text.removeprefix("bytes=").partition("-")
    end = min(int(last), size - 1) if last.isdecimal() else size - 1
    if not text.startswith("bytes=") or not first.isdecimal() or int(first) > end:
        raise invalid(f"Invalid range: {text}")
    return int(first), end


def _content_type(job: Job) -> str:
    if job.archive is not None:
        return "application/octet-stream"
    return "text/csv" if job.request.get("Format") == "CSV" else "application/json"


def _json(body: bytes) -> dict[str, Any]:
    try:
        return json.loads(body or b"{}")
    except ValueError as exc:
        raise GlacierError("SerializationException", "Invalid JSON in request") from exc


def _told(document: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


def _made(path: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(201, {"Location": path, **(headers or {})})


def _stored(asked: Asked, archive_id: str, hashed: str) -> Answer:
    path = f"/{asked.place.account}/vaults/{asked.vault}/archives/{archive_id}"
    return _made(path, {"x-amz-archive-id": archive_id, "x-amz-sha256-tree-hash": hashed})
