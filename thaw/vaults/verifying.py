"""Compares a vault's inventory with the manifest of its transfer, and that with S3: is every archive there?

Only what both say, and S3 confirms, is intact; everything else is told, and then the verdict is against.
"""

import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thaw.core.vault_files import excluded_file, failed_folder, manifest_folder, part_name
from thaw.jobs.folder import JobFolder
from thaw.manifests.s3 import S3Uri, download
from thaw.vaults import verify_database as database
from thaw.vaults.errors import ManifestError
from thaw.vaults.inventory_text import HEAD_BYTES, as_csv, date_of
from thaw.vaults.last_inventories import last_inventory
from thaw.vaults.manifests import part_files, read_summary
from thaw.vaults.object_checks import Claim, Finding, ObjectChecker
from thaw.vaults.verdicts import Doubt, Problem, Verdict
from thaw.vaults.verify_database import VerifyDatabase

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_s3 import S3Client

DEFAULT_THREADS = 32
DEFAULT_MEMORY_BYTES = 2 * 10**9
_AHEAD = 8
"""Checks that wait, a thread."""


@dataclass(frozen=True)
class Verifier:
    """Verifies transfers: `s3` reads the jobs bucket, `destination` the bucket of the archives, whose Region
    it has, `glacier` tells what the vault has. `read`: every byte of every object is read. `threads` objects
    are checked at once."""

    s3: "S3Client"
    jobs_bucket: str
    destination: "S3Client"
    glacier: "GlacierClient"
    read: bool = False
    threads: int = DEFAULT_THREADS
    memory_bytes: int = DEFAULT_MEMORY_BYTES

    def verify(
        self,
        job_id: str,
        tell: Callable[[Problem], object],
        *,
        inventory: Path | None = None,
        named: str = "",
        dated: str = "",
        progress: Callable[[int], object] = lambda _: None,
    ) -> Verdict:
        """Verifies a transfer that has ended; `tell` is given every archive that is not proven, `progress`
        how many more were looked at.

        `inventory` is one as Glacier wrote it, CSV or JSON, newer perhaps, `named` so in the verdict; None:
        the transfer's own. `dated`: of when it is (fixed-width ISO-8601), if it does not tell. Raises
        ManifestError, InventoryError, SourceError, ClientError.
        """
        summary = read_summary(self.s3, self.jobs_bucket, job_id)
        own: dict[str, str] = summary["inventory"] or {}
        if inventory is None and not own.get("key"):
            raise ManifestError(
                f"Transfer {job_id} had no inventory of its vault, only a plan: give one to verify by."
            )
        date = (_date_of(inventory) if inventory else own["inventory_date"]) or dated
        name = (named or str(inventory)) if inventory else own["source"]
        last = last_inventory(self.glacier, summary["vault"])
        told = f"the inventory {name + ' ' if name else ''}of {date or 'an unknown time'}"
        verdict = Verdict(summary["vault"], summary["destination"], told, self.read, date, last)
        with self._database(job_id, inventory, own.get("key", "")) as rows:
            verdict.archives, verdict.size_bytes = map(int, rows.one(database.TOTALS))
            (verdict.gone,) = rows.one(database.GONE)
            checker = ObjectChecker(self.destination, verdict.vault, summary["bucket_owner"], self.read)
            for problem in self._problems(rows, checker, verdict, progress):
                verdict.doubts[problem.doubt] += 1
                tell(problem)
        return verdict

    @contextmanager
    def _database(self, job_id: str, inventory: Path | None, own: str) -> Generator[VerifyDatabase]:
        with tempfile.TemporaryDirectory(prefix="thaw-verify-") as work:
            folder = Path(work)
            given = inventory or folder / "inventory"
            if inventory is None:
                download(self.s3, S3Uri(self.jobs_bucket, own), given)
            manifest = self._fetched(job_id, manifest_folder(job_id), folder / "manifest")
            failed = self._fetched(job_id, failed_folder(job_id), folder / "failed")
            excluded = folder / "excluded.csv.gz"
            content = JobFolder(self.s3, self.jobs_bucket).find(excluded_file(job_id))
            if content is not None:
                excluded.write_bytes(content)
            with database.verify_database(folder, self.memory_bytes) as filled:
                lines = as_csv(given, folder / "inventory.csv")
                filled.fill(lines, manifest, failed, None if content is None else excluded)
                yield filled

    def _fetched(self, job_id: str, source: str, folder: Path) -> Path:
        folder.mkdir()
        for number, content in enumerate(part_files(self.s3, self.jobs_bucket, job_id, source)):
            (folder / part_name(number)).write_bytes(content)
        return folder

    def _problems(
        self,
        rows: VerifyDatabase,
        checker: ObjectChecker,
        verdict: Verdict,
        progress: Callable[[int], object],
    ) -> Iterator[Problem]:
        for (line,) in rows.rows(database.UNREADABLE):
            yield Problem("", "", 0, Doubt.UNREADABLE, f"The inventory has a line that is no archive: {line}")
        for row in rows.rows(database.UNCLAIMED):
            progress(1)
            yield _unclaimed(*row)
        for claim, finding in self._checked(rows, checker):
            progress(1)
            if finding is None:
                verdict.intact += 1
            else:
                yield Problem(claim.archive_id, claim.key, claim.size_bytes, *finding)

    def _checked(
        self, rows: VerifyDatabase, checker: ObjectChecker
    ) -> Iterator[tuple[Claim, Finding | None]]:
        waiting: deque[tuple[Claim, Future[Finding | None]]] = deque()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="thaw-verify") as pool:
            for *fields, differs in rows.rows(database.CLAIMED):
                claim = Claim(*fields)
                waiting.append((claim, pool.submit(_check, checker, claim, differs=differs)))
                if len(waiting) >= self.threads * _AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()


def _date_of(inventory: Path) -> str:
    with inventory.open("rb") as file:
        return date_of(file.read(HEAD_BYTES))


def _check(checker: ObjectChecker, claim: Claim, *, differs: bool) -> Finding | None:
    if differs:
        return Finding(Doubt.DIFFERS, "The manifest has another size or tree hash than the inventory.")
    return checker.check(claim)


def _unclaimed(
    archive_id: str,
    key: str,
    size_bytes: int,
    status: str | None,
    code: str | None,
    message: str | None,
    excluded: str | None,
) -> Problem:
    if status is not None:
        detail = f"{status}: {message} ({code})"
        return Problem(archive_id, key, size_bytes, Doubt.FAILED, detail)
    if excluded is not None:
        detail = f"The plan left it out: {excluded}."
        return Problem(archive_id, key, size_bytes, Doubt.EXCLUDED, detail)
    detail = "The plan does not know it: transfer it with `resume --replan`."
    return Problem(archive_id, key, size_bytes, Doubt.NOT_PLANNED, detail)
