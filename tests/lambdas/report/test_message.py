"""The headline says what is so: cut percentages, losses by name, and no more than is known."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from analytics.report_layout import Home
from lambdas.report.message import (
    MAX_JOBS,
    MAX_SUBJECT,
    Headline,
    attributes_of,
    share,
    subject_of,
    text_of,
)
from thaw.core.jobs import Job, Progress, Totals

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)


def progress(job_id: str = "july", objects: int = 1000, **counted: int) -> Progress:
    """A job of objects of 10 bytes, with so many in the statuses named."""
    counters = {
        ("status", f"{status}_{unit}"): count * size
        for status, count in counted.items()
        for unit, size in (("objects", 1), ("bytes", 10))
    }
    return Progress.of(
        Job(job_id, "2026-11-21T00:00:00.000Z", "Bulk", Totals(objects, objects * 10)), counters
    )


def headline(
    *jobs: Progress, attention: Mapping[str, int] | None = None, attention_rows: int = 0
) -> Headline:
    return Headline(
        kind="rollups",
        home=Home("123456789012", "eu-central-1"),
        at=AT,
        counted_at=AT,
        progress=jobs,
        attention=attention,
        attention_rows=attention_rows,
        written=["progress: s3://reports/progress.csv"],
    )


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "-"), (0, 3, "0.0 %"), (2, 3, "66.6 %"), (9999, 10000, "99.9 %"), (10**15, 10**15, "100.0 %")],
)
def test_all_is_said_only_of_all(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_the_message_whole() -> None:
    told = headline(
        progress(copied=500, failed=2, expired=1),
        progress("may", 10, copied=10),
        attention={"expired_uncopied": 1, "failed": 2, "untracked_copy": 0},
        attention_rows=3,
    )
    assert text_of(told) == (
        "Thaw's reports of account 123456789012, eu-central-1: the run for 2026-11-22T03:00:00.000Z.\n"
        "\n"
        "The counters at 2026-11-22T03:00:00.000Z:\n"
        "  july: 500 of 1,000 objects copied (50.0 %; 50.0 % of the bytes), 2 FAILED, 1 EXPIRED\n"
        "  may: 10 of 10 objects copied (100.0 %; 100.0 % of the bytes)\n"
        "\n"
        "3 objects need attention: 1 expired_uncopied, 2 failed.\n"
        "\n"
        "progress: s3://reports/progress.csv"
    )


def test_a_restored_object_is_not_said_to_be_done() -> None:
    assert "july: 0 of 1,000 objects copied (0.0 %; 0.0 % of the bytes)\n" in text_of(
        headline(progress(restored=1000))
    )


def test_a_report_that_holds_not_all_says_so() -> None:
    told = headline(progress(), attention={"failed": 1_234_567}, attention_rows=100_000)
    assert "1,234,567 objects need attention: 1,234,567 failed.\n" in text_of(told)
    assert "The report holds the 100,000 most urgent of them.\n" in text_of(told)


def test_nothing_to_do_is_said_too() -> None:
    assert "No object needs attention.\n" in text_of(headline(progress(), attention={"failed": 0}))


def test_many_jobs_are_not_all_listed() -> None:
    told = headline(*(progress(f"job-{number}") for number in range(MAX_JOBS + 3)))
    assert text_of(told).count(" objects copied (") == MAX_JOBS
    assert "  and 3 more jobs, in the report `progress`\n" in text_of(told)
    assert subject_of(told) == "Thaw eu-central-1: 0.0 % of 23,000 objects copied"


def test_the_subject_is_what_sns_takes() -> None:
    huge = headline(progress(objects=10**18, copied=10**18 - 1), attention={"failed": 10**18})
    subject = subject_of(huge)
    assert len(subject) <= MAX_SUBJECT
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.startswith("Thaw eu-central-1: 99.9 % of ")


def test_sqs_takes_all_attributes() -> None:
    told = attributes_of(headline(progress(), attention={"failed": 1}))
    assert len(told) <= 10
