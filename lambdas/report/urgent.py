"""The report `attention` within bounds: the most urgent objects, and how many there are of each reason."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from analytics.engines import Engine
from analytics.reports import typed
from analytics.schema import ATTENTION_REASONS

ATTENTION = "attention"

MAX_ROWS = 100_000
"""Ours, of the report in the bucket: what a person or a script can still act upon, in a hundred pages of
Athena's and some tens of megabytes."""


class Urgent(NamedTuple):
    """The most urgent objects, typed as the report, and all objects by reason."""

    frame: pd.DataFrame
    totals: Mapping[str, int]


def most_urgent(engine: Engine, statement: str, rows: int = MAX_ROWS) -> Urgent:
    """Runs the statement of `attention`, bounded by the engine: one scan gives rows and totals."""
    found = engine.query(_bounded(statement, rows))
    first = found.head(1)
    totals = {reason: int(first[_total(reason)].sum()) for reason in ATTENTION_REASONS}
    return Urgent(typed(found, ATTENTION), totals)


def _bounded(statement: str, rows: int) -> str:
    """The statement's first `rows` rows, in its own order, each with the totals of all rows."""
    totals = ", ".join(
        f"count_if(reason = '{reason}') OVER () AS {_total(reason)}" for reason in ATTENTION_REASONS
    )
    urgency = " ".join(f"WHEN '{reason}' THEN {place}" for place, reason in enumerate(ATTENTION_REASONS))
    order = f"CASE reason {urgency} END, since NULLS FIRST, job_id, bucket, key, version_id"
    return f"SELECT found.*, {totals}\nFROM (\n{statement}\n) AS found\nORDER BY {order}\nLIMIT {rows}"


def _total(reason: str) -> str:
    return f"total_{reason}"
