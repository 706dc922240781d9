"""The transfer that the demo asks for: over the API, looked after, stopped and resumed, with faults."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.live import Live

from analytics.cli.progress import table
from analytics.cli.tables import Tables, pause
from local.api import call
from local.demo.vault_filling import VAULT
from local.emulator import Emulator
from local.errors import DemoError
from thaw.core.job_states import ENDED, JobState, JobStatus
from thaw.core.vault_watching import UPLOADS_REST_HOURS
from thaw.core.watch_figures import hours_before
from thaw.queues import is_empty
from thaw.store.job_states import JobStates
from thaw.store.jobs import read_progress

HOME, PREFIX = "thaw-demo-family", "photos/"
"""Where the archives go."""

FAULTS: Sequence[Mapping[str, Any]] = (
    {"kind": "error", "operation": "InitiateJob", "every": 7, "times": 20},
    {"kind": "lost-answer", "operation": "InitiateJob", "every": 41, "times": 2},
    {"kind": "failed-job", "message": "Internal service error", "every": 29, "times": 4},
    {"kind": "lost-notification", "every": 11, "times": 12},
    {"kind": "doubled-notification", "every": 5, "times": 20},
    {"kind": "early-notification", "every": 17, "times": 6},
    {"kind": "corrupt-output", "every": 23, "times": 3},
    {"kind": "short-output", "every": 31, "times": 3},
    {"kind": "expired-output", "every": 37, "times": 2},
)
"""What goes wrong at Glacier, besides what is fate."""

_DEADLINE_SECONDS = 240.0
_LOOK_SECONDS = 0.5
_VISIBILITY_SECONDS = "10"
_WATCHERS = ("thaw-watch-vaults", "thaw-watch-jobs")

View = Mapping[str, Any]


class VaultJob:
    """A vault transfer over the API of a deployed stack whose exports are `outputs`."""

    def __init__(self, emulator: Emulator, console: Console, outputs: Mapping[str, Any]) -> None:
        self._emulator = emulator
        self._console = console
        self._outputs = outputs
        self.tables = Tables(emulator.client("dynamodb"), outputs["objects_table"], outputs["rollups_table"])
        self.job_id = ""
        self._shorten_waits()

    def ask(self, **more: Any) -> None:
        """Asks for the transfer of the vault."""
        body = {"vault": VAULT, "destination_bucket": HOME, "destination_prefix": PREFIX, **more}
        self.job_id = self._call("POST", "/vault-transfers", body)["BulkJobId"]

    def resume(self) -> None:
        """Asks for the next run."""
        self._call("POST", f"/vault-transfers/{self.job_id}/resume", {})

    def stop(self) -> None:
        """Asks to stop, and waits until nothing of ours is under way.

        A stopped transfer rests for some minutes before its uploads are ended, for the sake of calls that
        began before. Here, they have returned when the queue is empty; then the stop is dated back.
        """
        self._call("DELETE", f"/jobs/{self.job_id}")
        self.follow(lambda _view: self._is_idle())
        states = JobStates(self.tables.client, self._outputs["jobs_table"], pause)

        def date_back(state: JobState) -> JobState:
            before = hours_before(state.cancel_requested_at, UPLOADS_REST_HOURS)
            return replace(state, cancel_requested_at=before)

        states.update(self.job_id, date_back)
        self.follow(is_closed)

    def view(self) -> View:
        """The job as the API tells it."""
        return self._answer("GET", f"/jobs/{self.job_id}", None)

    def follow(self, done: Callable[[View], bool]) -> View:
        """Has the watchers look and shows the progress, until the job is `done`; as it is then."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        with ThreadPoolExecutor(1) as background, Live(console=self._console, auto_refresh=False) as live:
            watching: Future[None] = background.submit(self._watch)
            while not done(view := self.view()):
                if time.monotonic() > deadline:
                    raise DemoError(f"The transfer did not come on in {_DEADLINE_SECONDS:g} s: {view}")
                if watching.done():
                    watching.result()
                    watching = background.submit(self._watch)
                self._show(live, view)
                pause(_LOOK_SECONDS)
            watching.result()
            self._show(live, view)
        self._console.print()
        return view

    def _shorten_waits(self) -> None:
        """What a function gave back to the queue comes again soon: no function runs for long here."""
        self._emulator.client("sqs").set_queue_attributes(
            QueueUrl=self._outputs["vault_queue_url"], Attributes={"VisibilityTimeout": _VISIBILITY_SECONDS}
        )

    def _is_idle(self) -> bool:
        """Whether no archive is being transferred."""
        running = self._emulator.client("stepfunctions").list_executions(
            stateMachineArn=self._outputs["transfer_large_machine_arn"], statusFilter="RUNNING"
        )
        return not running["executions"] and is_empty(
            self._emulator.client("sqs"), self._outputs["vault_queue_url"]
        )

    def _show(self, live: Live, view: View) -> None:
        if view["progress"] is not None:
            live.update(table(read_progress(self.tables.client, self.tables.rollups, self.job_id, pause)))
            live.refresh()

    def _watch(self) -> None:
        """What the schedules do once a minute. Raises DemoError if a watcher fails."""
        for name in _WATCHERS:
            answer = self._emulator.client("lambda").invoke(FunctionName=name, Payload="{}")
            if "FunctionError" in answer:
                raise DemoError(f"{name} failed: {answer['Payload'].read().decode()}")

    def _call(self, method: str, path: str, body: Any = None) -> View:
        told = "" if body is None else f" {json.dumps(body)}"
        self._console.print(f"{method} {path}{told}", soft_wrap=True, markup=False)
        return self._answer(method, path, body)

    def _answer(self, method: str, path: str, body: Any) -> View:
        answer = call(self._emulator, f"{self._outputs['job_api_url']}{path}", method, body)
        if answer.status >= 300:
            raise DemoError(f"The API answered {answer.status} to {method} {path}: {answer.body}")
        return answer.body


def is_ended(view: View) -> bool:
    """Whether the run is over."""
    return JobStatus(view["Status"]) in ENDED


def is_closed(view: View) -> bool:
    """Whether the run is over, cleaned up, and its manifest written."""
    return is_ended(view) and bool(view["vault"]) and "manifest" in view["vault"]["files"]


def has_copied(objects: int) -> Callable[[View], bool]:
    """Whether so many archives are in S3, or the run is over."""

    def done(view: View) -> bool:
        by_status: View = view["progress"]["by_status"] if view["progress"] else {}
        return is_ended(view) or by_status.get("COPIED", {}).get("objects", 0) >= objects

    return done
