"""What a preparation came to: the summary, the rejects, and what the job's state says of them."""

import tempfile
from pathlib import Path

from thaw.core.job_files import rejects_file, summary_file
from thaw.core.job_request_errors import JobRefusedError
from thaw.core.job_rules import JobRules
from thaw.core.job_states import JobState, Validated
from thaw.jobs.cursor import Cursor
from thaw.jobs.estimating import Prices, expected_cost, expected_hours
from thaw.jobs.folder import JobFolder
from thaw.jobs.parts import NO_REJECTS, rejects_piece
from thaw.manifests.summary import Summary
from thaw.manifests.writing import IMPORT_PREFIX


def check_found(state: JobState, cursor: Cursor) -> None:
    """Raises JobRefusedError for a job without an object.

    One that continues may find none: those of its earlier runs may have been copied in place.
    """
    tally = cursor.tally
    if tally.totals.objects or state.continues:
        return
    if state.request.selection:
        raise JobRefusedError(
            f"Nothing is to be restored: of {tally.rows_in:,} objects below"
            f" {state.request.bucket}/{state.request.selection.prefix} none is archived and chosen."
        )
    example = f" ({cursor.example})" if cursor.example else ""
    raise JobRefusedError(
        f"Nothing is to be restored: none of the {tally.rows_in:,} rows of {state.request.manifest} names an"
        f" archived object{example}."
    )


def publish(state: JobState, cursor: Cursor, folder: JobFolder) -> None:
    """Writes rejects.csv and summary.json. Raises CountError where the numbers do not add up."""
    summary = _summary(state, cursor).to_json()
    with tempfile.TemporaryDirectory(prefix="thaw-job-") as work:
        path = Path(work) / "rejects.csv"
        with path.open("wb") as file:
            if state.request.selection:
                file.write(NO_REJECTS)
            else:
                for number in range(cursor.prepared_parts + 1):
                    file.write(folder.read(rejects_piece(state.job_id, number)))
        folder.upload(path, rejects_file(state.job_id))
    folder.write(summary_file(state.job_id), summary.encode())


def validated(state: JobState, cursor: Cursor, rules: JobRules, prices: Prices) -> Validated:
    """What the state of the job is to say."""
    tally, request = cursor.tally, state.request
    unknown = tally.objects_of_unknown_size
    cost = expected_cost(request, rules, prices, tally.by_storage_class, unknown)
    return Validated(
        rows_in=tally.rows_in,
        objects=tally.totals.objects,
        size_bytes=tally.totals.size_bytes,
        duplicates=tally.duplicates,
        filtered=tally.filtered,
        rejects=tally.rejects,
        objects_of_unknown_size=unknown,
        by_storage_class=dict(sorted(tally.by_storage_class.items())),
        rejects_key=rejects_file(state.job_id),
        parts=cursor.parts,
        expected_hours=expected_hours(request, rules, tally.by_storage_class),
        cost_usd=cost.usd,
        price_date=prices.date,
        cost_leaves_out=cost.leaves_out,
    )


def _summary(state: JobState, cursor: Cursor) -> Summary:
    """As `thaw manifest prepare` writes it, but for a Batch Operations manifest: each wave has its own."""
    tally, request = cursor.tally, state.request
    prefix = request.selection.prefix if request.selection else ""
    return Summary(
        job_id=state.job_id,
        tier=request.tier,
        created_at=state.created_at,
        sources=(request.manifest or f"s3://{request.bucket}/{prefix}",),
        rows_in=tally.rows_in,
        duplicates=tally.duplicates,
        filtered=tally.filtered,
        rejects=tally.rejects,
        objects=tally.totals.objects,
        size_bytes=tally.totals.size_bytes,
        objects_of_unknown_size=tally.objects_of_unknown_size,
        by_storage_class=dict(sorted(tally.by_storage_class.items())),
        by_bucket={request.bucket: tally.totals} if tally.totals.objects else {},
        import_prefix=IMPORT_PREFIX,
        manifests={},
    )
