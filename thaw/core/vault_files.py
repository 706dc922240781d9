"""Where the files of a vault transfer are in the jobs bucket, beside those of every job (`job_files`)."""

from thaw.core.job_files import folder

ROWS_PER_PART = 1000
"""Archives in one part of a plan: what one call loads, and what a function reads to find one archive."""


def vault_folder(job_id: str) -> str:
    """All that only vault transfers have."""
    return f"{folder(job_id)}vault/"


def inventory_file(job_id: str, extension: str) -> str:
    """The inventory as Glacier wrote it; `extension` is csv or json."""
    return f"{vault_folder(job_id)}inventory.{extension}"


def plan_file(job_id: str) -> str:
    """The whole plan in one file for people: gzip CSV with a header."""
    return f"{vault_folder(job_id)}plan.csv.gz"


def plan_folder(job_id: str) -> str:
    """The plan in parts, in its order."""
    return f"{vault_folder(job_id)}plan/"


def plan_part(job_id: str, number: int) -> str:
    """One part of the plan, gzip CSV with a header; its import part has the same number."""
    return f"{plan_folder(job_id)}part-{number:05}.csv.gz"


def excluded_file(job_id: str) -> str:
    """What of the inventory is not transferred, with the reason: gzip CSV with a header."""
    return f"{vault_folder(job_id)}excluded.csv.gz"


def preview_file(job_id: str) -> str:
    """What the plan comes to, for each tier: cost, duration, days at the quota; JSON."""
    return f"{vault_folder(job_id)}preview.json"


def manifest_folder(job_id: str) -> str:
    """The manifest in parts, one for each part of the plan: `part-00000.csv.gz`."""
    return f"{vault_folder(job_id)}manifest/"


def failed_folder(job_id: str) -> str:
    """What was not transferred, with the reason, in parts as the manifest."""
    return f"{vault_folder(job_id)}failed/"


def part_name(number: int) -> str:
    """The file of a part of the plan, of the manifest and of what failed: the same in each folder."""
    return f"part-{number:05}.csv.gz"


def manifest_counts(job_id: str, number: int) -> str:
    """What a part of the manifest and of what failed adds up to, JSON."""
    return f"{vault_folder(job_id)}manifest-counts/part-{number:05}.json"


def manifest_summary(job_id: str) -> str:
    """What the manifest adds up to, JSON; its parts are counted in it."""
    return f"{vault_folder(job_id)}manifest.json"


def sweep_file(job_id: str) -> str:
    """How far the last sweep of the retrieval jobs has come, gzip JSON."""
    return f"{vault_folder(job_id)}sweep.json.gz"
