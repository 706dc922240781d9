import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.page import Heading, render
from analytics.schema import REPORTS, Kind
from tests.analytics.page.frames import (
    AS_OF,
    COUNTS,
    attention,
    durations,
    empty_frames,
    frame,
    full_frames,
    heading,
    hourly,
    progress,
    storage,
)
from tests.analytics.page.markup import Document

SECTIONS = ["Progress over time", "Restore durations", "Temporary storage", "Forecast", "Needs attention"]


def test_the_page_has_everything_in_order() -> None:
    text = Document(render(full_frames(), heading(15))).text
    places = [text.index(part) for part in ("As of 2026-11-21 12:00 UTC", "Where every object is", *SECTIONS)]
    assert places == sorted(places)


def test_the_page_loads_nothing_and_allows_only_its_own_style_and_script() -> None:
    html = render(full_frames(), heading())
    document = Document(html)
    policy = next(meta["content"] for meta in document.all("meta") if meta.get("http-equiv")) or ""
    for name in ("style", "script"):
        (inner,) = re.findall(f"<{name}>(.*?)</{name}>", html, re.DOTALL)
        assert f"{name}-src 'sha256-{b64encode(sha256(inner.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    addresses = [
        value for _, found in document.elements for key, value in found.items() if key in {"src", "href"}
    ]
    assert all((address or "").startswith(("#", "data:")) for address in addresses)
    assert not [
        found for _, found in document.elements if "style" in found or any(k[:2] == "on" for k in found)
    ]
    assert "@import" not in html
    assert "://" not in html.split("<body>")[0]


def test_every_status_is_told_honestly() -> None:
    text = Document(render(full_frames(), heading())).text
    for words in (
        "COPIED done",
        "RESTORED readable for now",
        "RESTORING requested: S3 accepted, nothing is readable yet",
        "EXPIRED the temporary copy lapsed before it was copied",
        "1,180 59.0 %",
    ):
        assert words in text


@given(st.text(), st.text(), st.text(min_size=1))
@settings(max_examples=25)
def test_no_text_becomes_markup(key: str, source: str, job: str) -> None:
    """The elements are the same, whatever the names are."""
    plain, other = (_named(*names) for names in (("k", "s", "j"), (key, source, job)))
    assert [name for name, _ in other.elements] == [name for name, _ in plain.elements]


def _named(key: str, source: str, job: str) -> Document:
    rows = [[job, key, key, "v", "failed", "FAILED", AS_OF, None, None, key]]
    frames = {"progress": frame("progress", progress(job)), "attention": frame("attention", rows)}
    return Document(render(frames, Heading(AS_OF, source, job, 1)))


@pytest.mark.parametrize("missing", REPORTS)
def test_a_report_that_nobody_made_is_said_to_be_missing(missing: str) -> None:
    frames = full_frames()
    del frames[missing]
    document = Document(render(frames, heading()))
    told = f"The report {missing} is not part of this page."
    halves = {"restore_duration", "restore_duration_histogram"}
    assert (told in document.text) is (missing not in halves), "either half of the durations is shown alone"


@pytest.mark.parametrize("frames", [{}, empty_frames()], ids=["no report", "no rows"])
def test_without_rows_there_is_a_page(frames: dict[str, pd.DataFrame]) -> None:
    assert "No job is in these reports." in Document(render(frames, heading())).text
    asked = Document(render(frames, heading(job_id="autumn"))).text
    assert "Job autumn" in asked
    assert "NaN" not in asked


def test_a_job_without_objects_has_no_percentages() -> None:
    frames = empty_frames() | {"progress": frame("progress", progress("j", dict.fromkeys(COUNTS, 0)))}
    document = Document(render(frames, heading()))
    assert "Of all objects: none." in {svg.get("aria-label") for svg in document.all("svg")}
    assert "100 %" not in document.text.split("Percentages are cut")[0]


def test_nothing_known_is_a_dash() -> None:
    """Every column but the names is null, in every report."""
    frames: dict[str, pd.DataFrame] = {}
    for name, report in REPORTS.items():
        known: dict[str, Any] = {"job_id": "j", "hour": AS_OF, "day": AS_OF.replace(tzinfo=None, hour=0)}
        frames[name] = frame(name, [[known.get(column.name) for column in report.columns]])
    text = Document(render(frames, heading(1))).text
    for word in ("NaN", "NaT", "None", "<NA>"):
        assert word not in text


def test_plain_frames_with_nan_do_as_well() -> None:
    frames = {
        name: table.astype(
            {column.name: "float64" for column in REPORTS[name].columns if column.kind == Kind.NUMBER}
        )
        for name, table in full_frames().items()
    }
    frames["forecast"]["objects_per_hour"] = float("nan")
    assert "nan" not in Document(render(frames, heading())).text


def test_a_long_attention_list_is_cut_and_the_count_told() -> None:
    document = Document(render({"attention": frame("attention", attention("j", each=60))}, heading(4321)))
    assert "4,321 objects need attention. The first 100 are listed, most urgent first." in document.text
    assert len([found for found in document.all("th") if found.get("role") == "rowheader"]) == 100


def test_several_jobs_have_a_section_each_and_are_named_in_the_list() -> None:
    one, other = full_frames("first"), full_frames("second <b>")
    document = Document(render({name: pd.concat([one[name], other[name]]) for name in one}, heading(30)))
    assert {"job-1", "job-2"} <= {found.get("id") for found in document.all("section")}
    assert [found["href"] for found in document.all("a")][1:] == ["#job-1", "#job-2"]
    assert "job second <b>" in document.text


def test_jobs_of_a_fleet_are_told_apart_by_account_and_region() -> None:
    places = [("111122223333", "eu-west-1"), ("444455556666", "us-east-1")]
    parts = [
        full_frames("same")["progress"].assign(account_id=account, region=region)
        for account, region in places
    ]
    text = Document(render({"progress": pd.concat(parts)}, heading())).text
    assert all(f"Job same {account} {region}" in text for account, region in places)


def test_a_page_of_weeks_and_thousands_of_buckets_stays_small() -> None:
    row, histogram = durations("j", "DEEP_ARCHIVE", "Bulk", 20, objects=200_000)
    buckets = [
        ["j", "DEEP_ARCHIVE", "Standard", 1.01**step, 1.01 ** (step + 1), 10**6] for step in range(2_000)
    ]
    frames = full_frames("j") | {
        "progress_hourly": frame("progress_hourly", hourly("j", 24 * 60)),
        "restore_duration": frame("restore_duration", [row]),
        "restore_duration_histogram": frame("restore_duration_histogram", [*histogram, *buckets]),
        "temporary_storage": frame("temporary_storage", storage("j", 400)),
        "attention": frame("attention", attention("j", each=20)),
    }
    assert len(render(frames, heading(100)).encode()) < 200_000


def test_charts_are_told_in_words_and_have_tables() -> None:
    document = Document(render(full_frames(), heading(15)))
    pictures = [svg for svg in document.all("svg") if svg.get("role") == "img"]
    assert len(pictures) == 2 + 1 + 3 + 1
    assert all(svg["aria-label"] for svg in pictures)
    assert len(document.all("details")) == 1 + 3 + 1
    assert len(document.all("table")) == len(document.all("caption"))


def test_the_guidance_of_aws_is_marked_where_there_is_one() -> None:
    text = Document(render(full_frames(), heading())).text
    assert "AWS: within 48 h" in text
    row, histogram = durations("j", "INTELLIGENT_TIERING", "Standard", 4)
    frames = {
        "restore_duration": frame("restore_duration", [row]),
        "restore_duration_histogram": frame("restore_duration_histogram", histogram),
    }
    assert "AWS: within 4" not in Document(render(frames, heading())).text
