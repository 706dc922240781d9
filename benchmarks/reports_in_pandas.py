"""The same reports as a careful analyst writes them with pandas: the file read once, then mask after mask.

Only what the benchmark's file holds is provided for: no listings (`observed_at`), nothing unknown.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.object_file import AS_OF, ATTENTION_HOURS, USD_PER_GB_MONTH
from thaw.core.retrieval import TYPICAL_HOURS

Frame = Any
"""pandas.DataFrame, whose stubs know no clip() by times and no resulting types."""

NOW = pd.Timestamp(AS_OF).tz_localize(None)
DAY = pd.Timedelta(days=1)
STATUSES = ["PENDING", "RESTORING", "RESTORED", "COPIED", "FAILED", "EXPIRED"]
GROUP = ["job_id", "storage_class", "tier"]
EVENTS = {
    "requested": "restore_requested_at",
    "completed": "restore_completed_at",
    "copied": "copied_at",
    "failed": "failed_at",
    "expired": "restore_expired_at",
}


def read(path: str) -> Frame:
    """The records with what was known at NOW and the status that follows."""
    frame = pd.read_parquet(path)
    for column in EVENTS.values():
        frame[column] = frame[column].where(frame[column] <= NOW)
    frame["restore_expires_at"] = frame["restore_expires_at"].where(frame["restore_completed_at"].notna())
    requested, completed = frame["restore_requested_at"], frame["restore_completed_at"]
    extends = (completed <= requested) & (requested < frame["restore_expires_at"])
    latest = {
        "EXPIRED": frame["restore_expired_at"],
        "RESTORED": completed,
        "FAILED": frame["failed_at"],
        "RESTORING": requested.mask(extends),
    }
    last = pd.DataFrame(latest).max(axis=1)
    is_status = [frame["copied_at"].notna(), *(at == last for at in latest.values())]
    frame["status"] = np.select(is_status, ["COPIED", *latest], "PENDING")
    return frame


def progress(frame: Frame) -> Frame:
    counted = frame.groupby(["job_id", "status"])["size_bytes"].agg(objects="size", bytes="sum")
    every = pd.MultiIndex.from_product([counted.index.unique(0), STATUSES], names=["job_id", "status"])
    counted = counted.reindex(every, fill_value=0)
    percent = 100 * counted / counted.groupby("job_id").transform("sum")
    return counted.join(percent.add_prefix("percent_")).reset_index()


def progress_hourly(frame: Frame) -> Frame:
    parts = {
        kind: frame.groupby(["job_id", frame[at].dt.floor("h").rename("hour")])["size_bytes"].agg(
            ["size", "sum"]
        )
        for kind, at in EVENTS.items()
    }
    hours = pd.concat(parts, axis=1).fillna(0).sort_index()
    units = {"objects": "size", "bytes": "sum"}
    columns = {f"{kind}_{unit}": hours[kind, name] for unit, name in units.items() for kind in EVENTS}
    return pd.DataFrame(columns).reset_index()


def _buckets(frame: Frame) -> Frame:
    """Restores by the bucket of their duration, in milliseconds."""
    took = frame["restore_completed_at"] - frame["restore_requested_at"]
    measured = frame.loc[took >= pd.Timedelta(0), [*GROUP, "size_bytes"]]
    millis = (took[measured.index] // pd.Timedelta(milliseconds=1)).to_numpy("int64")
    shift = np.maximum(np.frexp(millis)[1] - 7, 0)
    start = (millis >> shift) << shift
    measured = measured.assign(start=start, end=start + (1 << shift), millis=millis)
    groups = measured.groupby([*GROUP, "start", "end"])
    return groups.agg(
        objects=("millis", "size"), bytes=("size_bytes", "sum"), millis=("millis", "sum")
    ).reset_index()


def restore_duration(frame: Frame) -> Frame:
    buckets = _buckets(frame)
    seen = buckets.groupby(GROUP)["objects"].cumsum()
    total = buckets.groupby(GROUP)["objects"].transform("sum")
    middle = (buckets["start"] + buckets["end"] - 1) / 2000
    groups = buckets.groupby(GROUP)
    result = groups[["objects", "bytes"]].sum()
    result["min_seconds"] = groups["start"].min() / 1000
    for percent in (50, 90, 95, 99):
        reached = buckets.assign(middle=middle)[seen >= percent / 100 * total]
        result[f"p{percent}_seconds"] = reached.groupby(GROUP)["middle"].min()
    result["max_seconds"] = (groups["end"].max() - 1) / 1000
    result["mean_seconds"] = groups["millis"].sum() / result["objects"] / 1000
    return result.reset_index()


def restore_duration_histogram(frame: Frame) -> Frame:
    buckets = _buckets(frame)
    seconds = buckets[["start", "end"]].div(1000).set_axis(["from_seconds", "to_seconds"], axis=1)
    return pd.concat([buckets[GROUP], seconds, buckets["objects"]], axis=1)


def temporary_storage(frame: Frame) -> Frame:
    copies = frame.loc[frame["restore_completed_at"] < frame["restore_expires_at"]]
    start, end = copies["restore_completed_at"], copies["restore_expires_at"].clip(upper=NOW)
    turned = copies["copied_at"].clip(lower=start).fillna(end).clip(upper=end)
    days: dict[pd.Timestamp, Frame] = {}
    for day in pd.date_range(start.min().floor("D"), end.max().floor("D")):
        begin = start.clip(lower=day)
        parts = {
            name: (until.clip(upper=day + DAY) - begin).dt.total_seconds().clip(lower=0)
            * copies["size_bytes"]
            for name, until in (("byte_seconds", end), ("waiting_byte_seconds", turned))
        }
        days[day] = pd.DataFrame(parts).groupby(copies["job_id"]).sum()
    result = pd.concat(days, names=["day"]).query("byte_seconds > 0").swaplevel().sort_index()
    result.insert(1, "gb_months", result["byte_seconds"] / (2**30 * 730 * 3600))
    result.insert(2, "cost_usd", result["gb_months"] * USD_PER_GB_MONTH)
    result["idle_byte_seconds"] = result["byte_seconds"] - result["waiting_byte_seconds"]
    return result.reset_index()


def forecast(frame: Frame) -> Frame:
    counts = (
        frame.groupby(["job_id", "status"])
        .size()
        .unstack(fill_value=0)
        .reindex(columns=STATUSES, fill_value=0)
    )
    hour = NOW.floor("h")
    longest = np.ceil(restore_duration(frame).groupby("job_id")["p99_seconds"].max())
    asked_until = frame.groupby("job_id")["restore_requested_at"].max().dt.floor("h") + pd.Timedelta(hours=1)
    expected = asked_until + longest * pd.Timedelta(seconds=1)
    phases: dict[str, Frame] = {}
    for phase, at, done, left in (
        ("restore", "restore_completed_at", ["RESTORED", "COPIED", "EXPIRED"], ["PENDING", "RESTORING"]),
        ("copy", "copied_at", ["COPIED"], ["PENDING", "RESTORING", "RESTORED"]),
    ):
        recent = frame.loc[(frame[at] >= hour - pd.Timedelta(hours=6)) & (frame[at] < hour), "job_id"]
        part = pd.DataFrame(
            {"done_objects": counts[done].sum(axis=1), "left_objects": counts[left].sum(axis=1)}
        )
        part["objects_per_hour"] = (recent.value_counts() / 6).reindex(part.index, fill_value=0)
        seconds = np.ceil(3600 * part["left_objects"] / part["objects_per_hour"].replace(0, np.nan))
        part["eta"] = (NOW + pd.to_timedelta(seconds, unit="s")).where(part["left_objects"] > 0)
        part["expected_from_durations"] = expected.where((part["left_objects"] > 0) & (phase == "restore"))
        phases[phase] = part
    result = pd.concat(phases, names=["phase"]).swaplevel()
    return result.sort_index(level="job_id", sort_remaining=False).reset_index()


def attention(frame: Frame) -> Frame:
    status, restored, expires = frame["status"], frame["restore_completed_at"], frame["restore_expires_at"]
    may_lapse = status.isin(["RESTORED", "FAILED"]) & (restored < expires) & ~(frame["failed_at"] >= expires)
    lapses = expires.where(may_lapse)
    noticed = lapses - pd.Timedelta(hours=ATTENTION_HOURS)
    waiting = frame.loc[status == "RESTORING", ["storage_class", "tier", "restore_requested_at"]]
    hours = waiting.set_index(["storage_class", "tier"]).index.map(TYPICAL_HOURS)
    due = (waiting["restore_requested_at"] + hours * pd.Timedelta(hours=1)).reindex(frame.index)
    reasons: Mapping[str, tuple[Any, Any]] = {
        "expired_uncopied": (
            (status == "EXPIRED") | (lapses <= NOW),
            lapses.fillna(frame["restore_expired_at"]),
        ),
        "failed": (status == "FAILED", frame["failed_at"]),
        "expiring_uncopied": (noticed <= NOW, noticed.where(noticed > restored, restored)),
        "restore_overdue": (due < NOW, due),
        "untracked_copy": ((status == "COPIED") & restored.isna(), frame["copied_at"]),
    }
    holds = [condition for condition, _ in reasons.values()]
    urgency = np.select(holds, range(len(reasons)), -1)
    since = np.select(holds, [at for _, at in reasons.values()], np.datetime64("NaT"))
    found = frame.assign(urgency=urgency, since=since)[urgency >= 0]
    found["reason"] = np.array(list(reasons))[found["urgency"]]
    found = found.rename(columns={"restore_expires_at": "expires_at"})
    found = found.sort_values(["urgency", "since", "job_id", "bucket", "key", "version_id"])
    columns = "job_id bucket key version_id reason status since expires_at size_bytes error_code"
    return found[columns.split()].reset_index(drop=True)


REPORTS: Mapping[str, Callable[[Frame], Frame]] = {
    report.__name__: report
    for report in (
        progress,
        progress_hourly,
        restore_duration,
        restore_duration_histogram,
        temporary_storage,
        forecast,
        attention,
    )
}
