"""The service as its clients see it, without the wire: operations on vaults and jobs."""

import heapq
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from . import faults
from .archives import Archive
from .errors import GlacierError, invalid, not_found
from .faults import Faults
from .jobs import FAILED, IN_PROGRESS, SUCCEEDED, Job, check_range, check_request
from .pacing import Pace
from .times import Times
from .vaults import HOME, Place, Vault, vault_arn

PAGE = 50
STATUSES = (IN_PROGRESS, SUCCEEDED, FAILED)
_DAY = 86400.0


@dataclass
class State:
    """All that the service remembers. It can be copied with `copy.deepcopy` and put back.

    `calls`: requests by operation. `paid_bytes`: of retrievals that were not of what was staged already.
    `bytes_per_day` (UTC): more are refused by policy, 0 for no limit. `documented_csv`: see `as_csv`.
    """

    times: Times = field(default_factory=Times)
    vaults: dict[tuple[Place, str], Vault] = field(default_factory=dict[tuple[Place, str], Vault])
    faults: Faults = field(default_factory=Faults)
    pace: Pace = field(default_factory=Pace)
    calls: Counter[str] = field(default_factory=Counter[str])
    due: list[tuple[float, int, Place, str, str]] = field(default_factory=list[Any])
    made: int = 0
    paid_bytes: int = 0
    bytes_per_day: int = 0
    documented_csv: bool = False
    paid_by_day: Counter[int] = field(default_factory=Counter[int])


Notify = Callable[[str, str], None]
"""Publishes to a topic (its ARN, the message)."""


class Glacier:
    """The service. `clock` tells seconds since 1970; jobs end, and notifications are sent, when `settle` is
    called, which every request does first."""

    def __init__(self, clock: Callable[[], float], notify: Notify, times: Times | None = None) -> None:
        self._clock = clock
        self._notify = notify
        self.state = State(times or Times())

    @property
    def faults(self) -> Faults:
        """What is made to go wrong."""
        return self.state.faults

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    @property
    def inventory_time(self) -> float:
        """The time that inventories taken now are of."""
        return self.now - self.state.times.inventory_age

    def settle(self) -> None:
        """Ends the jobs whose time has come, and sends their notifications."""
        while self.state.due and self.state.due[0][0] <= self.now:
            _at, _number, place, vault, job_id = heapq.heappop(self.state.due)
            job = self.state.vaults[place, vault].jobs[job_id]
            job.status = FAILED if job.fails else SUCCEEDED
            job.message = job.fails or "Succeeded"
            self._tell(job)

    def seconds_to_wait(self) -> float | None:
        """Until `settle` has something to do; None for never."""
        return max(0.0, self.state.due[0][0] - self.now) if self.state.due else None

    def create_vault(self, name: str, place: Place = HOME) -> Vault:
        """A vault, new or there already."""
        return self.state.vaults.setdefault((place, name), Vault(name, place, self.now))

    def vault(self, name: str, place: Place = HOME) -> Vault:
        """Raises GlacierError."""
        found = self.state.vaults.get((place, name))
        if found is None:
            raise not_found(f"Vault not found for ARN: {vault_arn(name, place)}")
        return found

    def vaults_of(self, place: Place) -> list[Vault]:
        """The vaults of an account in a Region, by name."""
        return [vault for (at, _name), vault in sorted(self.state.vaults.items()) if at == place]

    def initiate_job(self, vault: Vault, request: dict[str, Any]) -> Job:
        """Raises GlacierError."""
        check_request(request)
        if not self.state.pace.allows(self.now):
            raise GlacierError("ThrottlingException", "Rate exceeded")
        if request["Type"] == "archive-retrieval":
            job = self._archive_job(vault, request)
        else:
            job = self._job(vault, request, self.state.times.inventory)
        failing = self.faults.find(faults.FAILED_JOB, "InitiateJob", vault.name, job.subject)
        lost = self.faults.find(faults.LOST, "InitiateJob", vault.name, job.subject)
        doubled = self.faults.find(faults.DOUBLED, "InitiateJob", vault.name, job.subject)
        job.fails, job.notices = failing.message if failing else "", 0 if lost else 2 if doubled else 1
        if self.faults.find(faults.EARLY, "InitiateJob", vault.name, job.subject):
            self._tell(replace(job, status=SUCCEEDED, message="Succeeded", notices=1))
        vault.jobs[job.job_id] = job
        self.state.made += 1
        heapq.heappush(self.state.due, (job.completes, self.state.made, vault.place, vault.name, job.job_id))
        return job

    def jobs_of(self, vault: Vault, *, status: str = "", completed: str = "") -> list[Job]:
        """The jobs that ListJobs tells, all pages. Raises GlacierError."""
        if status and status not in STATUSES:
            raise invalid(f"The job status code is not valid: {status}")
        if completed not in ("", "true", "false"):
            raise invalid(f"The completed flag is not valid: {completed}")
        found = [job for job in vault.jobs.values() if self.now < job.expires]
        found = [job for job in found if not status or job.status == status]
        done = completed == "true"
        return [job for job in found if not completed or (job.status != IN_PROGRESS) == done]

    def output_of(self, vault: Vault, job_id: str) -> Job:
        """A job whose output can be read. Raises GlacierError."""
        job = vault.job(job_id, self.now)
        if job.status != SUCCEEDED:
            raise invalid(f"The job is not currently available for download: {job_id}")
        if self.faults.find(faults.EXPIRED, "GetJobOutput", vault.name, job.subject):
            job.expires = self.now
        return vault.job(job_id, self.now)

    def _archive_job(self, vault: Vault, request: dict[str, Any]) -> Job:
        archive = vault.find(request["ArchiveId"])
        check_range(request, archive.size_bytes)
        times = self.state.times
        if self._is_staged(vault, archive):
            return self._job(vault, request, times.staged, archive)
        day = int(self.now // _DAY)
        paid = self.state.paid_by_day[day] + archive.size_bytes
        if 0 < self.state.bytes_per_day < paid:
            message = "InitiateJob request denied by current data retrieval policy."
            raise GlacierError("PolicyEnforcedException", message)
        self.state.paid_by_day[day] = paid
        self.state.paid_bytes += archive.size_bytes
        return self._job(vault, request, times.of_tier(request.get("Tier") or "Standard"), archive)

    def _job(
        self, vault: Vault, request: dict[str, Any], takes: float, archive: Archive | None = None
    ) -> Job:
        completes = self.now + takes
        documented = self.state.documented_csv
        output = b"" if archive else vault.inventory(request, self.inventory_time, documented=documented)
        job_id = vault.new_id(short=True)
        expires = completes + self.state.times.window
        return Job(job_id, vault.name, vault.arn, request, self.now, completes, expires, archive, output)

    def _is_staged(self, vault: Vault, archive: Archive) -> bool:
        of_archive = (job for job in reversed(vault.jobs.values()) if job.archive is archive)
        return any(job.status == SUCCEEDED and self.now < job.expires for job in of_archive)

    def _tell(self, job: Job) -> None:
        topic = job.request.get("SNSTopic")
        for _ in range(job.notices if topic else 0):
            self._notify(topic or "", json.dumps(job.document))
