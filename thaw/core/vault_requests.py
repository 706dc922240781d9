"""What somebody asks for of a Glacier vault: which of its archives, and how they are named in S3."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VaultRequest:
    """Archives of one vault. Times are fixed-width ISO-8601, "" for no bound; `created_from` and both sizes
    are included, `created_before` is not. `name_pattern` has `*` and `?` as a shell has, "" for every name.

    `names`, `inventory` and `plan` are s3:// URIs, "" for none: a CSV of archive ids and keys; an inventory
    as Glacier wrote it (CSV or JSON); a plan as a dry run wrote it, edited perhaps, which is used as it is.
    Without an inventory, one not older than `max_inventory_age_hours` is used, or else retrieved.
    `cross_region` lets the bucket be in another Region, `bucket_owner` (an account) in another account.
    `replan`: the run makes a new plan, though an earlier run had one; `new_inventory`: of an inventory that
    is retrieved for it, whatever there is.
    """

    vault: str
    created_from: str = ""
    created_before: str = ""
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    name_pattern: str = ""
    names: str = ""
    inventory: str = ""
    plan: str = ""
    max_inventory_age_hours: int = 48
    cross_region: bool = False
    bucket_owner: str = ""
    replan: bool = False
    new_inventory: bool = False
