"""The reports once more, written in pandas without the SQL: what the tests compare it with."""

from datetime import datetime, timedelta

import pandas as pd

from tests.analytics.known_rows import DAY, Row

STATUSES = ("PENDING", "RESTORING", "RESTORED", "COPIED", "FAILED", "EXPIRED")


def progress(rows: pd.DataFrame) -> pd.DataFrame:
    counted = rows.groupby(["job_id", "status"])["size"].agg(["count", "sum"])
    every = pd.MultiIndex.from_product([sorted(set(rows["job_id"])), STATUSES], names=["job_id", "status"])
    counted = counted.reindex(every, fill_value=0).reset_index()
    counted.columns = pd.Index(["job_id", "status", "objects", "bytes"])
    for unit in ("objects", "bytes"):
        totals = counted.groupby("job_id")[unit].transform("sum")
        counted[f"percent_{unit}"] = (100 * counted[unit] / totals.where(totals > 0)).fillna(0.0)
    return counted


def progress_hourly(rows: pd.DataFrame) -> pd.DataFrame:
    parts: list[pd.DataFrame] = []
    kinds = ("requested", "completed", "copied", "failed", "expired")
    for kind in kinds:
        at = pd.to_datetime(rows["readable" if kind == "completed" else kind], utc=True)
        part = pd.DataFrame(
            {"job_id": rows["job_id"], "hour": at.dt.floor("h"), "size": rows["size"]}
        ).dropna()
        for unit in ("objects", "bytes"):
            part[f"{kind}_{unit}"] = 1 if unit == "objects" else part["size"]
        parts.append(part.drop(columns="size"))
    columns = [f"{kind}_{unit}" for unit in ("objects", "bytes") for kind in kinds]
    every = pd.concat(parts).fillna(0)
    return every.groupby(["job_id", "hour"])[columns].sum().astype("int64").reset_index()


def _durations(rows: pd.DataFrame) -> pd.DataFrame:
    requested, completed = (pd.to_datetime(rows[kind], utc=True) for kind in ("requested", "completed"))
    measured = rows[requested.notna() & (completed >= requested)].copy()
    took = (completed - requested).loc[measured.index]
    measured["ms"] = [round(one.total_seconds() * 1000) for one in took]
    measured["width"] = [1 << max(value.bit_length() - 7, 0) for value in measured["ms"]]
    measured["first"] = [
        value // width * width for value, width in zip(measured["ms"], measured["width"], strict=True)
    ]
    return measured


def restore_duration(rows: pd.DataFrame) -> pd.DataFrame:
    found: list[Row] = []
    for names, group in _durations(rows).groupby(["job_id", "storage_class", "tier"]):
        ordered = group.sort_values("ms").reset_index()
        bottom, top = ordered.iloc[0], ordered.iloc[-1]
        figures: Row = dict(zip(("job_id", "storage_class", "tier"), names, strict=True))
        figures |= {
            "objects": len(group),
            "bytes": group["size"].sum(),
            "min_seconds": bottom["first"] / 1000,
        }
        for percent in (50, 90, 95, 99):
            one = ordered.iloc[-(-percent * len(group) // 100) - 1]
            figures[f"p{percent}_seconds"] = (one["first"] + (one["width"] - 1) / 2) / 1000
        figures["max_seconds"] = (top["first"] + top["width"] - 1) / 1000
        figures["mean_seconds"] = group["ms"].mean() / 1000
        found.append(figures)
    return pd.DataFrame(found)


def restore_duration_histogram(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["job_id", "storage_class", "tier", "first", "width"]
    counted = _durations(rows).groupby(keys).size().reset_index(name="objects")
    counted.insert(3, "from_seconds", counted["first"] / 1000)
    counted.insert(4, "to_seconds", (counted["first"] + counted["width"]) / 1000)
    return counted.drop(columns=["first", "width"])


def temporary_storage(rows: pd.DataFrame, as_of: datetime, price: float) -> pd.DataFrame:
    pieces: list[Row] = []
    for row in rows.to_dict("records"):
        begin, end = row["readable"], row["expires"]
        if pd.isna(begin) or pd.isna(end) or row["storage_class"] == "GLACIER_VAULT":
            continue
        end = min(end, as_of)
        day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        while day < end:
            first, last = max(begin, day), min(end, day + DAY)
            copied = last if pd.isna(row["copied"]) else min(max(row["copied"], first), last)
            seconds = [max(span.total_seconds(), 0) for span in (last - first, copied - first, last - copied)]
            stored, waiting, idle = (row["size"] * span for span in seconds)
            pieces.append({"job_id": row["job_id"], "day": day, "b": stored, "w": waiting, "i": idle})
            day += DAY
    pieces_of = pd.DataFrame(pieces, columns=["job_id", "day", "b", "w", "i"])
    summed = pieces_of.groupby(["job_id", "day"]).sum().reset_index()
    summed = summed[summed["b"] > 0]
    months = summed["b"] / 2**30 / (730 * 3600)
    return pd.DataFrame(
        {
            "job_id": summed["job_id"],
            "day": pd.to_datetime(summed["day"], utc=True).dt.tz_localize(None),
            "byte_seconds": summed["b"],
            "gb_months": months,
            "cost_usd": months * price,
            "waiting_byte_seconds": summed["w"],
            "idle_byte_seconds": summed["i"],
        }
    )


def forecast(rows: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    last = as_of.replace(minute=0, second=0, microsecond=0)
    found: list[Row] = []
    for job_id, group in rows.groupby("job_id"):
        count = group["status"].value_counts()
        ahead = count.get("PENDING", 0) + count.get("RESTORING", 0)
        done = sum(count.get(status, 0) for status in ("RESTORED", "COPIED", "EXPIRED"))
        requested = pd.to_datetime(group["requested"], utc=True).dropna()
        figures = restore_duration(group)
        until = None
        if len(requested) and len(figures) and ahead:
            seconds = -(-figures["p99_seconds"].max() // 1)
            until = requested.max().floor("h") + timedelta(hours=1) + timedelta(seconds=seconds)
        left_to_copy = ahead + count.get("RESTORED", 0)
        for phase, kind, made, left in (
            ("restore", "readable", done, ahead),
            ("copy", "copied", count.get("COPIED", 0), left_to_copy),
        ):
            at = pd.to_datetime(group[kind], utc=True)
            recent = ((at >= last - timedelta(hours=6)) & (at < last)).sum()
            eta = as_of + timedelta(seconds=int(-(-left * 21600 // recent))) if recent and left else None
            row = (job_id, phase, made, left, recent / 6, eta, until if phase == "restore" else None)
            found.append(dict(zip(FORECAST, row, strict=True)))
    return pd.DataFrame(found)


FORECAST = (
    "job_id",
    "phase",
    "done_objects",
    "left_objects",
    "objects_per_hour",
    "eta",
    "expected_from_durations",
)
URGENCY = ("expired_uncopied", "failed", "expiring_uncopied", "restore_overdue", "untracked_copy")


def attention(rows: pd.DataFrame) -> pd.DataFrame:
    needy = rows[rows["reason"].notna()].rename(columns={"expires": "expires_at"}).copy()
    needy["urgency"] = needy["reason"].map(URGENCY.index)
    needy = needy.sort_values(["urgency", "since", "job_id", "bucket", "key", "version_id"])
    columns = "job_id bucket key version_id reason status since expires_at size_bytes error_code"
    return needy[columns.split()]
