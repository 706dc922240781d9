"""The demo from end to end: stores, prepares, deploys, restores, copies, replays, heals, proves, reports."""

import json
import random
import shlex
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console

from analytics.cli.manifest import describe as describe_summary
from analytics.schema import REPORTS, Origin
from analytics.sources.options import AthenaPlace
from local.demo import archive
from local.demo.agreement import differences, read
from local.demo.objects import ARCHIVE, LIVE, LIVE_PREFIX, TAPES, DemoObject, demo_objects
from local.demo.reports import PREFIX, Reporting
from local.demo.requested import is_requested, spoil
from local.demo.timeline import replayed_messages
from local.demo.under_way import JOB, UnderWay
from local.deployer import deploy
from local.emulator import Emulator
from thaw.core.times import to_iso
from thaw.manifests.prepare import prepare
from thaw.manifests.settings import PrepareSettings

_SEED = 20261121
_RESTORE_SECONDS = 2.0
_DAY_SECONDS = 10.0
_BEGAN_DAYS_AGO = 7

_PREPARED = "prepared/"

CONFIG = {
    "watched_buckets": [
        {"name": ARCHIVE, "watch": ["restores", "copies"]},
        {"name": TAPES, "via": "eventbridge", "watch": ["restores", "copies"]},
        {"name": LIVE, "watch": ["copies"]},
    ],
    "copy_rules": [
        {
            "source_bucket": ARCHIVE,
            "source_prefix": "",
            "destination_bucket": LIVE,
            "destination_prefix": LIVE_PREFIX,
        }
    ],
    "import_files": {"bucket": archive.MANIFESTS, "prefix": _PREPARED},
    "restore_buckets": [{"name": ARCHIVE}, {"name": TAPES, "via": "eventbridge"}],
    "manifest_buckets": [archive.MANIFESTS],
    "copy_destinations": [{"bucket": LIVE, "prefix": LIVE_PREFIX}, {"bucket": TAPES}],
    "expiry_margin_hours": 7,
    "max_concurrency": 4,
    "copy_max_concurrency": 4,
    "batching_window_seconds": 1,
    "reports_prefix": PREFIX,
}
"""The stack's config, as in a stack file."""


def run_demo(count: int, out: Path, *, keep: bool = False) -> int:
    """Runs the demo with `count` objects; leaves CSV files and a page in `out`. Exit code 1 when any
    number is off.

    `keep` leaves the emulator running, with all that is in it, until Ctrl-C.
    """
    console = Console()
    rng = random.Random(_SEED)  # noqa: S311 - the same demo every time, not a secret
    objects = demo_objects(count, rng)
    console.print("Starting the local AWS ...")
    with Emulator(restore_seconds=_RESTORE_SECONDS, day_seconds=_DAY_SECONDS) as emulator:
        versions = _prepare(emulator, console, objects)
        console.print("Deploying __main__.py ...")
        deployment = deploy(CONFIG, emulator)
        for (what, reason), count in Counter(
            (each.type, each.reason) for each in deployment.not_hosted
        ).items():
            console.print(f"  not hosted here: {what} of {count}: {reason}", soft_wrap=True)
        job = UnderWay(emulator, console, objects, versions, deployment.outputs)
        job.follow(replayed_messages(objects, versions, _began(), rng))
        exit_code = job.prove()
        exit_code |= _report(Reporting(emulator, deployment.outputs), console, out)
        if keep:
            console.print(
                f"A restore takes {_RESTORE_SECONDS:g} seconds here, and a day of a temporary copy"
                f" {_DAY_SECONDS:g}. Jobs are looked after every minute, as on AWS.",
                soft_wrap=True,
            )
            stay(emulator, console, deployment.outputs, out)
        return exit_code


def _report(reporting: Reporting, console: Console, out: Path) -> int:
    """Has the reports written, compares them by source, and makes the page; 1 if any figure differs."""
    now = datetime.now(UTC)
    console.print(f"Calling {reporting.outputs['report_function']}, as its schedules would ...")
    for kind in Origin:
        reporting.invoke(kind, now)
    files = reporting.fetch(out)
    wrong = _compare(reporting, console, out, now)
    for line in wrong:
        console.print(f"WRONG: {line}", soft_wrap=True, markup=False)
    console.print(f"thaw report all --source dynamodb --format html --out {out}", soft_wrap=True)
    reporting.ask("--source", "dynamodb", "--format", "html", "--out", str(out))
    names = ", ".join(file.name for file in files)
    console.print(f"Look at {out / 'report.html'} in a browser; {out}/ also has {names}.", soft_wrap=True)
    return 1 if wrong else 0


def _compare(reporting: Reporting, console: Console, out: Path, now: datetime) -> list[str]:
    """What the reports of the function say otherwise than Athena and the live tables do, as of its run."""
    with tempfile.TemporaryDirectory() as name:
        folders = {"the report function": out}
        for source in ("athena", "dynamodb"):
            folders[source] = Path(name) / source
            console.print(f"thaw report all --source {source} --as-of {to_iso(now)}", soft_wrap=True)
            reporting.ask("--source", source, "--as-of", to_iso(now), "--out", str(folders[source]))
        rows = {each: {key: read(folder, each) for key, folder in folders.items()} for each in REPORTS}
    wrong = [line for each in REPORTS for line in differences(each, rows[each])]
    if not wrong:
        figures = sum(len(row) for each in rows.values() for row in each["the report function"])
        console.print(
            f"The {figures:,} figures of the function's {len(REPORTS)} reports are the same from Athena and"
            " from the live tables.",
            soft_wrap=True,
        )
    return wrong


def stay(emulator: Emulator, console: Console, outputs: Mapping[str, Any], out: Path) -> None:
    """Says how to reach the emulator from another terminal, and waits for Ctrl-C."""
    file = (out / "outputs.json").resolve()
    file.write_text(json.dumps(dict(outputs), indent=2) + "\n")
    console.print("The local AWS stays up until Ctrl-C. In another terminal:", soft_wrap=True)
    show_environment(console, emulator.environment(), outputs, file)
    with suppress(KeyboardInterrupt):
        Event().wait()


def show_environment(
    console: Console, aws: Mapping[str, str], outputs: Mapping[str, Any], file: Path
) -> None:
    """The variables that lead any AWS client to the emulator, and `thaw` to its stack, whose outputs
    `file` holds; and how its API is called."""
    athena = AthenaPlace().filled_from(outputs)._asdict()
    stack = {f"THAW_{name.upper()}": value for name, value in athena.items()}
    for name, value in {**aws, **stack, "THAW_STACK_OUTPUTS": shlex.quote(str(file))}.items():
        console.print(f"  export {name}={value}", soft_wrap=True, highlight=False)
    region = aws["AWS_REGION"]
    console.print(
        f"  curl --aws-sigv4 aws:amz:{region}:execute-api --user test:test {outputs['job_api_url']}/jobs",
        soft_wrap=True,
        highlight=False,
    )


def _prepare(emulator: Emulator, console: Console, objects: Sequence[DemoObject]) -> archive.Versions:
    s3 = emulator.client("s3")
    console.print(
        f"Storing {sum(one.real for one in objects):,} of {len(objects):,} archived objects in S3 ..."
    )
    archive.make_buckets(s3)
    versions = archive.store(s3, objects)
    archive.write_inventory(s3, [one for one in objects if not is_requested(one)], versions)
    spoil(s3, objects)
    inventory = f"s3://{archive.MANIFESTS}/{archive.INVENTORY_KEY}"
    prepared = f"s3://{archive.MANIFESTS}/{_PREPARED}"
    console.print(
        f"thaw manifest prepare {inventory} --job {JOB} --tier Bulk --out {prepared}", soft_wrap=True
    )
    summary = prepare([inventory], prepared, PrepareSettings(job_id=JOB, tier="Bulk"), s3=s3)
    console.print(f"  {describe_summary(summary, prepared)}", soft_wrap=True)
    return versions


def _began() -> datetime:
    """When the replayed timeline begins: a whole hour, long enough ago for all of it to be past."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return now - timedelta(days=_BEGAN_DAYS_AGO)
