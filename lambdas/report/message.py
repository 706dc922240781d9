"""What subscribers are told when a run has written its reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from analytics.report_layout import Home
from thaw.core.history import Status
from thaw.core.jobs import Progress
from thaw.core.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, PublishInputTypeDef

MAX_JOBS = 20
"""Jobs that a message lists; the reports have all."""

MAX_SUBJECT = 100
"""Characters, ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_LOST = (Status.FAILED, Status.EXPIRED)


@dataclass(frozen=True)
class Headline:
    """A run that has written everything.

    `kind` as in the request; `attention` are objects by reason, None when the run did not look;
    `attention_rows` is how many of them the report holds; `written` are lines of where the files are.
    """

    kind: str
    home: Home
    at: datetime
    counted_at: datetime
    progress: Sequence[Progress]
    attention: Mapping[str, int] | None
    attention_rows: int
    written: Sequence[str]

    @property
    def attention_total(self) -> int | None:
        """Objects that need somebody, None when the run did not look."""
        return None if self.attention is None else sum(self.attention.values())

    @property
    def objects(self) -> int:
        """Of all jobs."""
        return sum(each.job.totals.objects for each in self.progress)

    @property
    def copied_objects(self) -> int:
        """Of all jobs."""
        return sum(each.by_status[Status.COPIED].objects for each in self.progress)


def publish_input(headline: Headline, topic_arn: str) -> "PublishInputTypeDef":
    """The one message of a run, for SNS."""
    return {
        "TopicArn": topic_arn,
        "Subject": subject_of(headline),
        "Message": text_of(headline),
        "MessageAttributes": attributes_of(headline),
    }


def subject_of(headline: Headline) -> str:
    """The headline in a line: how much is copied, and what needs somebody if that was looked at."""
    copied = share(headline.copied_objects, headline.objects)
    subject = f"Thaw {headline.home.region}: {copied} of {headline.objects:,} objects copied"
    if headline.attention_total is not None:
        subject += f", {headline.attention_total:,} need attention"
    return subject[:MAX_SUBJECT]


def text_of(headline: Headline) -> str:
    """The message: the run, the jobs, what needs attention, and where the reports are."""
    home = headline.home
    first = f"Thaw's reports of account {home.account}, {home.region}: the run for {to_iso(headline.at)}."
    return "\n".join([first, "", *_jobs(headline), "", *_attention(headline), *headline.written])


def attributes_of(headline: Headline) -> "dict[str, MessageAttributeValueTypeDef]":
    """What a subscription can filter by, and a program read; `attention` only when the run looked.

    Nine at most: SQS takes ten (https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html).
    """
    texts = {
        "reports": headline.kind,
        "run": to_iso(headline.at),
        "account": headline.home.account,
        "region": headline.home.region,
    }
    numbers: dict[str, int | str | None] = {
        "jobs": len(headline.progress),
        "objects": headline.objects,
        "copied_objects": headline.copied_objects,
        "attention": headline.attention_total,
    }
    if headline.objects:
        numbers["percent_copied"] = _percent(headline.copied_objects, headline.objects)
    return {
        **{name: {"DataType": "String", "StringValue": text} for name, text in texts.items()},
        **{
            name: {"DataType": "Number", "StringValue": str(number)}
            for name, number in numbers.items()
            if number is not None
        },
    }


def share(part: int, whole: int) -> str:
    """A percentage as people read it."""
    return f"{_percent(part, whole)} %" if whole else "-"


def _percent(part: int, whole: int) -> str:
    """Cut, not rounded: 100.0 is said only of all of it."""
    return f"{part * 1000 // whole / 10:.1f}"


def _jobs(headline: Headline) -> list[str]:
    if not headline.progress:
        return ["No job is registered."]
    lines = [f"The counters at {to_iso(headline.counted_at)}:", *map(_job, headline.progress[:MAX_JOBS])]
    more = len(headline.progress) - MAX_JOBS
    return [*lines, f"  and {more} more jobs, in the report `progress`"] if more > 0 else lines


def _job(progress: Progress) -> str:
    totals, copied = progress.job.totals, progress.by_status[Status.COPIED]
    objects, size = share(copied.objects, totals.objects), share(copied.size_bytes, totals.size_bytes)
    line = f"  {progress.job.job_id}: {copied.objects:,} of {totals.objects:,} objects copied"
    lost = "".join(
        f", {progress.by_status[status].objects:,} {status}"
        for status in _LOST
        if progress.by_status[status].objects
    )
    return f"{line} ({objects}; {size} of the bytes){lost}"


def _attention(headline: Headline) -> list[str]:
    total = headline.attention_total
    if headline.attention is None or total is None:
        return []
    if not total:
        return ["No object needs attention.", ""]
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in headline.attention.items() if count)
    lines = [f"{total:,} objects need attention: {reasons}."]
    if headline.attention_rows < total:
        lines.append(f"The report holds the {headline.attention_rows:,} most urgent of them.")
    return [*lines, ""]
