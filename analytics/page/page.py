"""The page: every report of every job in one HTML file that needs nothing else."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from hashlib import sha256
from importlib.resources import files
from string import Template

import pandas as pd

from analytics.page import words
from analytics.page.attention import attention_list
from analytics.page.durations import durations_figures, restores
from analytics.page.forecast import forecast_table
from analytics.page.heading import Heading
from analytics.page.headline import copied_percent, headline
from analytics.page.hourly import hourly_figure
from analytics.page.markup import Child, Markup, tag
from analytics.page.rows import JobRows, Row, by_job, table_rows
from analytics.page.statuses import shares, status_figure
from analytics.page.storage import storage_figure
from analytics.page.table import Line, table


def render(frames: Mapping[str, pd.DataFrame], heading: Heading) -> str:
    """The page as text. `frames` are reports by name, with the columns of `analytics.schema.REPORTS` (of a
    fleet, account_id and region as well); a report that is not there is said not to be. Everything that
    comes from a frame is escaped; nothing is loaded from anywhere."""
    reports = {name: table_rows(frame) for name, frame in frames.items()}
    jobs = by_job(reports, heading.job_id)
    style, script = _asset("page.css"), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        title=_title(heading),
        head=_head(heading),
        overview=_overview(jobs) if len(jobs) != 1 else "",
        jobs="".join(_job(job, number) for number, job in enumerate(jobs, start=1)),
        attention=_attention(reports.get("attention"), heading, several_jobs=len(jobs) > 1),
    )


def _asset(name: str) -> str:
    return (files("analytics.page") / "assets" / name).read_text("utf-8")


def _hash(text: str) -> str:
    """How a Content-Security-Policy names the one style or script it allows."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _title(heading: Heading) -> Markup:
    job = f"{words.visible(heading.job_id)}, " if heading.job_id else ""
    return Markup(tag("title", f"Thaw: {job}{words.moment(heading.as_of.astimezone(UTC))} UTC"))


def _head(heading: Heading) -> Markup:
    at = heading.as_of.astimezone(UTC)
    shown = tag("time", f"{words.moment(at)} UTC", datetime=at.isoformat(timespec="seconds"))
    facts: list[Child] = [
        "As of ",
        shown,
        ", from ",
        tag("span", words.visible(heading.source), class_="name"),
    ]
    if heading.job_id is not None:
        facts += [", job ", tag("span", words.visible(heading.job_id), class_="name")]
    return tag("p", facts)


def _overview(jobs: Sequence[JobRows]) -> Markup:
    if not jobs:
        return tag("p", "No job is in these reports.", class_="none")
    lines: list[Line] = []
    for number, job in enumerate(jobs, start=1):
        parts = shares(job.get("progress") or ())
        objects, size = sum(part.objects for part in parts), sum(part.size_bytes for part in parts)
        link = tag("a", _name(job), href=f"#job-{number}")
        lines.append(Line((link, words.whole(objects), words.size(size), copied_percent(parts))))
    overview = table("All jobs", ("Job", "Objects", "Size", "Copied (done)"), lines)
    return tag("nav", tag("h2", "Jobs"), overview, aria_label="Jobs")


def _job(job: JobRows, number: int) -> Markup:
    name = f"job-{number}"
    return tag(
        "section",
        tag("h2", tag("small", "Job"), _name(job), id=f"{name}-name"),
        _part(job, "progress", "No object is counted.", _status),
        _titled(
            "Progress over time", _part(job, "progress_hourly", "Nothing has happened yet.", hourly_figure)
        ),
        _titled("Restore durations", _durations(job)),
        _titled(
            "Temporary storage",
            _part(job, "temporary_storage", "No temporary copy has cost anything yet.", storage_figure),
        ),
        _titled("Forecast", _part(job, "forecast", "There is nothing to forecast.", forecast_table)),
        id=name,
        class_="job",
        aria_labelledby=f"{name}-name",
    )


def _name(job: JobRows) -> Markup:
    place = tag("small", words.visible(job.place)) if job.place else ""
    return Markup(tag("span", words.visible(job.name), class_="name") + place)


def _titled(title: str, content: Markup) -> Markup:
    return tag("section", tag("h3", title), content)


def _part(job: JobRows, report: str, nothing: str, show: Callable[[Sequence[Row]], Markup]) -> Markup:
    """What `show` makes of the job's rows, or why there is nothing to show."""
    rows = job.get(report)
    if rows is None:
        return _absent(report)
    return show(rows) if rows else tag("p", nothing, class_="none")


def _absent(report: str) -> Markup:
    return tag("p", "The report ", tag("code", report), " is not part of this page.", class_="none")


def _status(rows: Sequence[Row]) -> Markup:
    parts = shares(rows)
    return Markup(headline(parts) + status_figure(parts))


def _durations(job: JobRows) -> Markup:
    measured, histogram = job.get("restore_duration"), job.get("restore_duration_histogram")
    if measured is None and histogram is None:
        return _absent("restore_duration")
    shown = durations_figures(restores(measured or (), histogram or ()))
    return Markup("".join(shown)) if shown else tag("p", "No restore has been measured yet.", class_="none")


def _attention(rows: Sequence[Row] | None, heading: Heading, *, several_jobs: bool) -> Markup:
    content = (
        _absent("attention")
        if rows is None
        else attention_list(rows, heading.attention_total, several_jobs=several_jobs)
    )
    return tag(
        "section",
        tag("h2", "Needs attention", id="attention-name"),
        content,
        id="attention",
        aria_labelledby="attention-name",
    )
