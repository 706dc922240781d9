"""How far a vault transfer has come, beside its job's state: inventory, plan, requests, manifest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Inventory:
    """The inventory that the plan is made of. Times are fixed-width ISO-8601, sizes in bytes.

    `retrieval_job_id` is "" for one that was given, `source` where that one is. `key` is in the jobs bucket,
    `format` CSV or JSON. `read_bytes`: so much of it is there; all of it when `checked`.
    """

    retrieval_job_id: str = ""
    source: str = ""
    format: str = "CSV"
    key: str = ""
    requested_at: str = ""
    inventory_date: str = ""
    size_bytes: int = 0
    read_bytes: int = 0
    checked: bool = False


@dataclass(frozen=True)
class Plan:
    """What the plan holds; the rows of the inventory are `archives` and `excluded` together."""

    parts: int
    archives: int
    size_bytes: int
    excluded: int
    renamed: int
    """Archives whose key had to be made unique or valid."""
    existing: int
    """Archives at whose key an object was already."""
    etag: str = ""
    """Of the file of the plan as it was written."""


@dataclass(frozen=True)
class VaultState:
    """A vault transfer between its steps. `token` is that of the step that waits for the inventory.

    `next_part` and `next_line` are the first row of the plan that was not looked at by whoever requests.
    `paused_until`: nothing is requested before, `pause_reason` says why. `manifest_execution` is the ARN of
    the execution that writes the manifest, "" before; see `manifest_attempts`.
    """

    job_id: str
    run: int = 1
    token: str = ""
    inventory: Inventory | None = None
    plan: Plan | None = None
    next_part: int = 0
    next_line: int = 0
    validated_run: int = 0
    """The run whose request was found good last, before anything was asked of Glacier for it."""
    paused_until: str = ""
    pause_reason: str = ""
    swept_at: str = ""
    """When the last sweep that is through began; of the one under way: `sweep_began_at`."""
    sweep_began_at: str = ""
    held: str = ""
    """Why nothing is requested now although nothing is wrong, in a sentence: a budget is used up."""
    conflict: str = ""
    """The first object that was found at the key of an archive and is another one, in a sentence."""
    refused: tuple[str, ...] = ()
    """Archives, a few, that their destination refused for reasons that are not theirs, and none was taken
    since; `refusal` is what it said last."""
    refusal: str = ""
    manifest_execution: str = ""
    manifest_attempts: int = 0
    revision: int = 0
