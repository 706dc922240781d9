"""`thaw demo --vault` from end to end: a vault is filled, planned, moved, stopped, resumed and proven."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from analytics.cli.verify import describe
from local.demo.run import stay
from local.demo.vault_archives import ArchiveFate, VaultArchive, vault_archives
from local.demo.vault_filling import VAULT, fill, refusal_of_nothing
from local.demo.vault_job import FAULTS, HOME, VaultJob, has_copied, is_closed, is_ended
from local.demo.vault_papers import Papers
from local.demo.vault_proof import VaultProof, counters
from local.deployer import deploy
from local.emulator import Emulator
from local.errors import DemoError
from thaw.vaults.verdicts import Problem
from thaw.vaults.verifying import Verifier

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SEED = 20261121
_RETRIEVAL_SECONDS = 1.5
_SHOWN = 5

CONFIG = {
    "vaults": [VAULT],
    "copy_destinations": [{"bucket": HOME}],
    "vault_requests_per_second": 20,
    "vault_sweep_minutes": 0,
    "vault_transfer_concurrency": 4,
    "max_concurrency": 4,
    "batching_window_seconds": 1,
}
"""The stack's config, as in a stack file; slow enough to be stopped in the middle."""


def run_vault_demo(count: int, out: Path, *, keep: bool = False) -> int:
    """Runs the demo with `count` archives; leaves the plan, the manifest and the list of the failed in `out`.
    Exit code 1 when anything is off. `keep` leaves the emulator running until Ctrl-C."""
    console = Console()
    made = vault_archives(count, random.Random(_SEED))  # noqa: S311 - the same demo every time, not a secret
    console.print("Starting the local AWS ...")
    with Emulator(glacier_seconds=_RETRIEVAL_SECONDS) as emulator:
        demo = VaultDemo(emulator, console, made)
        exit_code = demo.run(out)
        if keep:
            stay(emulator, console, demo.outputs, out)
        return exit_code


class VaultDemo:
    """One run of it in an emulator."""

    def __init__(self, emulator: Emulator, console: Console, made: Sequence[VaultArchive]) -> None:
        self._emulator = emulator
        self._console = console
        self._s3: S3Client = emulator.client("s3")
        self._archives = self._fill(made)
        self._s3.create_bucket(Bucket=HOME)
        self._say("Deploying __main__.py ...")
        self.outputs: Mapping[str, Any] = deploy(CONFIG, emulator).outputs
        self._job = VaultJob(emulator, console, self.outputs)

    def run(self, out: Path) -> int:
        """Plans, moves, stops, resumes and proves; 1 if anything is off."""
        self._plan()
        self._spoil()
        self._job.resume()
        self._job.follow(has_copied(len(self._archives) // 4))
        self._say("That is enough for now: it is stopped, and resumed.")
        self._job.stop()
        stopped = self._copied()
        paid = self._paid()
        self._job.resume()
        view = self._job.follow(is_closed)
        self._say(
            f"It ended {view['Status']}. {stopped:,} archives were in S3 when it was stopped; then"
            f" {self._copied() - stopped:,} more were moved, of {self._paid() - paid:,} bytes that Glacier"
            " had to retrieve."
        )
        self._tell_faults()
        wrong = [
            *VaultProof(self._s3, self._papers, self._archives).wrong(),
            *self._wrong_counters(),
            *self._wrong_verdict(),
        ]
        for line in wrong:
            self._console.print(f"WRONG: {line}", soft_wrap=True, markup=False)
        if not wrong:
            self._say(f"All {len(self._archives):,} archives came out as they had to.")
        names = ", ".join(self._papers.leave(out))
        self._say(f"{out}/ has {names}.")
        return 1 if wrong else 0

    def _fill(self, made: Sequence[VaultArchive]) -> Mapping[str, VaultArchive]:
        self._say(f"Filling vault {VAULT} with {len(made):,} archives ...")
        found = fill(self._emulator, made)
        self._say(f"  one of no bytes: {refusal_of_nothing(self._emulator.client('glacier'))}")
        return found

    def _plan(self) -> None:
        self._job.ask(dry_run=True)
        view = self._job.follow(is_ended)
        if view["Status"] != "DryRun":
            raise DemoError(f"The dry run ended {view['Status']}: {view['reason']}")
        plan, validated = view["vault"]["plan"], view["validated"]
        self._say(
            f"  planned {plan['archives']:,} archives ({plan['size_bytes']:,} bytes), {plan['renamed']:,} of"
            f" them renamed, {plan['excluded']:,} left out; about {validated['expected_hours']:g} hours and"
            f" ${validated['cost_usd']} on AWS. The plan: {view['vault']['files']['plan']}"
        )
        for row in self._papers.plan()[:_SHOWN]:
            described = row["description"][:60] or "(nothing)"
            self._say(f"    {described} -> {row['key']}")
        for row in self._papers.excluded():
            self._say(
                f"    left out: {row['archive_id'][:12]}... {row['reason']} ({row['size_bytes']} bytes)"
            )

    def _spoil(self) -> None:
        """Between plan and transfer: somebody deletes an archive, another takes a key, and faults begin."""
        keys = {row["archive_id"]: row["key"] for row in self._papers.plan()}
        for archive_id, one in self._archives.items():
            if one.fate is ArchiveFate.GONE:
                self._emulator.control_glacier(delete={"vault": VAULT, "archive_id": archive_id})
            if one.fate is ArchiveFate.BROKEN:
                broken = {
                    "kind": "failed-job",
                    "message": "Media failure",
                    "archive_id": archive_id,
                    "times": 0,
                }
                self._emulator.control_glacier(fault=broken)
            if one.fate is ArchiveFate.CONFLICT:
                self._s3.put_object(Bucket=HOME, Key=keys[archive_id], Body=b"Somebody put this here.")
        for fault in FAULTS:
            self._emulator.control_glacier(fault=fault)

    def _tell_faults(self) -> None:
        happened: Counter[str] = Counter()
        for fault in self._emulator.control_glacier()["faults"]:
            happened[fault["kind"]] += fault["happened"]
        told = ", ".join(f"{times} {kind}" for kind, times in sorted(happened.items()))
        self._say(f"What went wrong at Glacier meanwhile: {told}.")

    def _wrong_counters(self) -> list[str]:
        found = counters(self._job.tables, self._job.job_id)
        self._say("thaw verify: " + "\n".join(describe(found)))
        return [] if found.proven else ["the counters could not be proven"]

    def _wrong_verdict(self) -> list[str]:
        """The verdict on the vault, which must be against deleting it, and for the right reasons."""
        self._say(f"thaw vault verify {self._job.job_id} --read")
        problems: list[Problem] = []
        verifier = Verifier(
            self._s3, self.outputs["jobs_bucket"], self._s3, self._emulator.client("glacier"), read=True
        )
        verdict = verifier.verify(self._job.job_id, problems.append)
        for problem in problems:
            self._say(f"  {problem.doubt}: {problem.archive_id[:12]}... {problem.key} {problem.detail}")
        self._say(f"  {verdict.line}")
        expected = {key for key, one in self._archives.items() if one.fate is not ArchiveFate.COPIED}
        found = {problem.archive_id for problem in problems}
        return [] if found == expected else [f"the verdict doubts {found}, it must doubt {expected}"]

    @property
    def _papers(self) -> Papers:
        return Papers(self._s3, self.outputs["jobs_bucket"], self._job.job_id)

    def _copied(self) -> int:
        by_status: Mapping[str, Any] = self._job.view()["progress"]["by_status"]
        return by_status.get("COPIED", {}).get("objects", 0)

    def _paid(self) -> int:
        return self._emulator.control_glacier()["paid_bytes"]

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)
