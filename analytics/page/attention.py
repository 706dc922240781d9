"""The objects that need somebody, most urgent first, and what to do about them."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from analytics.page import words
from analytics.page.markup import Markup, tag
from analytics.page.rows import Row

MOST_LISTED = 100


class Advice(NamedTuple):
    """What a reason means, and the way out."""

    title: str
    text: str


_ADVICE = {
    "expired_uncopied": Advice(
        "Expired before it was copied", "The temporary copy is gone. Request the restore again."
    ),
    "failed": Advice("Failed", "The restore or the copy failed. See the error, mend its cause, try again."),
    "expiring_uncopied": Advice(
        "Expires soon, not copied yet", "Copy it now, or extend the temporary copy with another request."
    ),
    "restore_overdue": Advice(
        "Restore overdue",
        "Requested longer ago than AWS says a restore takes for its class and tier. Reconcile: the event may"
        " have been lost.",
    ),
    "untracked_copy": Advice(
        "Copied, but its restore was never seen", "Verify the copy; the events of its restore are missing."
    ),
}

_HEADS = ("Object", "Status", "Since (UTC)", "Expires (UTC)", "Size", "Error")


def attention_list(rows: Sequence[Row], total: int, *, several_jobs: bool) -> Markup:
    """The first hundred of `rows`, by reason, in the order they came, and how many there are in `total`."""
    if not total and not rows:
        return tag("p", "Nothing needs attention.", class_="good")
    listed = rows[:MOST_LISTED]
    count = max(total, len(rows))
    first = "" if len(listed) == count else f" The first {len(listed):,} are listed, most urgent first."
    told = tag(
        "p",
        tag("b", words.whole(count)),
        " objects need" if count != 1 else " object needs",
        f" attention.{first}",
    )
    groups = [
        _group(reason, list(found), several_jobs=several_jobs)
        for reason, found in groupby(listed, key=lambda row: str(row["reason"] or words.NONE))
    ]
    return Markup(told + "".join(groups))


def _group(reason: str, rows: Sequence[Row], *, several_jobs: bool) -> Markup:
    advice = _ADVICE.get(reason, Advice(reason, ""))
    head = tag("tr", [tag("th", text, scope="col", role="columnheader") for text in _HEADS], role="row")
    body = [_row(row, several_jobs=several_jobs) for row in rows]
    return tag(
        "section",
        tag("h3", advice.title, tag("small", f"{len(rows):,} listed")),
        tag("p", advice.text, class_="note"),
        tag(
            "table",
            tag("caption", advice.title),
            tag("thead", head, role="rowgroup"),
            tag("tbody", body, role="rowgroup"),
            class_="cards",
            role="table",
        ),
        class_=f"reason {reason}" if reason in _ADVICE else "reason",
    )


def _row(row: Row, *, several_jobs: bool) -> Markup:
    """A row that a phone shows as a card: the roles keep it a table for those who hear it."""
    error = row["error_code"]
    cells = (
        row["status"] or words.NONE,
        words.moment(row["since"]),
        words.moment(row["expires_at"]),
        words.size(row["size_bytes"]),
        words.NONE if error is None else words.visible(error),
    )
    return tag(
        "tr",
        tag("th", _object(row, several_jobs=several_jobs), scope="row", role="rowheader"),
        [tag("td", cell, role="cell", data_head=head) for head, cell in zip(_HEADS[1:], cells, strict=True)],
        role="row",
    )


def _object(row: Row, *, several_jobs: bool) -> Markup:
    bucket, key, version = (words.visible(str(row[name] or "")) for name in ("bucket", "key", "version_id"))
    more = [f"version {version}"] if version and version != "null" else []
    if several_jobs:
        more.append(f"job {words.visible(str(row['job_id']))}")
    path = tag("bdi", tag("span", f"{bucket}/"), key)
    return Markup(tag("code", path) + (tag("small", ", ".join(more)) if more else ""))
