"""A plan made on this machine of an inventory file: what `thaw vault plan` does, without any account."""

import tempfile
from pathlib import Path

from thaw.core.vault_plans import PlanFigures
from thaw.vaults.inventory_text import as_csv
from thaw.vaults.plan_database import plan_database
from thaw.vaults.plan_output import check_rows, figures, write_excluded, write_plan
from thaw.vaults.plan_sources import PlanSources
from thaw.vaults.planning_sql import PlanParameters

PLAN = "plan.csv.gz"
EXCLUDED = "excluded.csv.gz"
DEFAULT_MEMORY_BYTES = 2 * 10**9


def plan_inventory(
    inventory: Path,
    out: Path,
    parameters: PlanParameters,
    *,
    names: Path | None = None,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
) -> PlanFigures:
    """Writes `plan.csv.gz` and `excluded.csv.gz` into the folder `out`, made if need be.

    `inventory` is as Glacier wrote it, CSV or JSON, `names` a CSV of archive ids and names below the prefix.
    What does not fit into `memory_bytes` goes to disk, beside the output. Raises InventoryError, PlanError,
    OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".planning-") as work:
        folder = Path(work)
        sources = PlanSources(as_csv(inventory, folder / "inventory.csv"), names)
        with plan_database(folder, memory_bytes) as database:
            database.make(sources, parameters)
            found = figures(database)
            check_rows(database, found)
            with (out / PLAN).open("wb") as file:
                write_plan(database, file)
            with (out / EXCLUDED).open("wb") as file:
                write_excluded(database, file)
    return found
