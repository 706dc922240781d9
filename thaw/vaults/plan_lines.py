"""The SQL of what is written of a plan: its lines, the lines of its records, and what it adds up to."""

from dataclasses import dataclass

from thaw.core.archive_parts import ONE_PART
from thaw.core.archives import VAULT_CLASS, vault_bucket
from thaw.core.keys import NO_VERSION
from thaw.vaults.planning_sql import quoted


@dataclass(frozen=True)
class Entry:
    """What the records of the archives say, beside their ids and sizes."""

    job_id: str
    vault: str
    tier: str


def _csv(column: str) -> str:
    """SQL of a field that may hold anything."""
    return f"'\"' || replace({column}, '\"', '\"\"') || '\"'"


def part_lines(entry: Entry) -> str:
    """The statement whose rows are the lines of plan parts (`line`) and of import parts (`record`)."""
    return f"SELECT {_PLAN_LINE} AS line, {_record_line(entry)} AS record {_IN_ORDER}"


def _record_line(entry: Entry) -> str:
    """SQL of a line of an import file, as `thaw.jobs.import_lines` writes it."""
    bucket = vault_bucket(entry.vault)
    before = '{"Item":{"object_path":{"S":"' + bucket + "/"
    between = (
        '"},"version_id":{"S":"'
        + NO_VERSION
        + '"},"job_id":{"S":"'
        + entry.job_id
        + '"},"bucket":{"S":"'
        + bucket
        + '"},"key":{"S":"'
    )
    after = (
        '"},"storage_class":{"S":"' + VAULT_CLASS + '"},"tier":{"S":"' + entry.tier + '"},"size_bytes":{"N":"'
    )
    end = '"},"status":{"S":"PENDING"}}}\n'
    pieces = (
        quoted(before),
        "archive_id",
        quoted(between),
        "archive_id",
        quoted(after),
        "size_bytes",
        quoted(end),
    )
    return " || ".join(pieces)


def left_out(entry: Entry) -> str:
    """The statement whose rows are the lines of import parts (`record`) of the archives that a plan of an
    earlier run had, and this one has not: of use are their ids alone."""
    return (
        f"SELECT {_record_line(entry)} AS record"  # noqa: S608 - our own columns
        " FROM (SELECT former.archive_id, '0' AS size_bytes FROM former LEFT JOIN planned"
        " ON planned.archive_id = former.archive_id AND planned.ordinal > 0"
        " WHERE planned.archive_id IS NULL) AS gone ORDER BY archive_id"
    )


_PLAN_LINE = (
    " || ',' || ".join(
        ("archive_id", _csv("key"), "size_bytes", "created_at", "sha256_tree_hash", _csv("description"))
    )
    + " || CASE WHEN already THEN ',true\n' ELSE ',false\n' END"
)

_IN_ORDER = "FROM planned WHERE ordinal > 0 ORDER BY ordinal"

PLAN_LINES = f"SELECT {_PLAN_LINE} AS line {_IN_ORDER}"
"""Lines of the whole plan."""

_EXCLUDED_LINE = " || ',' || ".join(
    ("archive_id", "reason", "size_bytes", "created_at", _csv("key"), _csv("description"), _csv("line"))
)

EXCLUDED_LINES = (
    f"SELECT {_EXCLUDED_LINE} || '\n' AS line"  # noqa: S608 - as above
    " FROM planned WHERE ordinal < 0 ORDER BY ordinal DESC"
)
"""Lines of what is not transferred."""

FIGURES = f"""SELECT
    count(*), coalesce(sum(size_bytes), 0), coalesce(max(size_bytes), 0),
    count(*) FILTER (WHERE renamed), count(*) FILTER (WHERE unnamed), count(*) FILTER (WHERE already),
    count(*) FILTER (WHERE size_bytes <= {ONE_PART}),
    coalesce(sum(CASE WHEN size_bytes > {ONE_PART} THEN ceil(size_bytes / {ONE_PART}) ELSE 0 END), 0)
FROM planned
WHERE ordinal > 0"""  # noqa: S608 - as above
"""Columns as `PlanFigures` has them from `archives` on."""

EXCLUDED_COUNTS = "SELECT reason, count(*) FROM planned WHERE ordinal < 0 GROUP BY reason ORDER BY reason"

UNUSED_NAMES = "SELECT count(*) FROM overrides ANTI JOIN single ON single.archive_id = overrides.archive_id"

SAMPLE = "SELECT description, key FROM planned WHERE ordinal BETWEEN 1 AND 50 ORDER BY ordinal"
"""Some archives, with their descriptions and their keys."""
