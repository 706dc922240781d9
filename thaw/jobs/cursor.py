"""How far the preparation of a job has come: what the next invocation of its function goes on from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from thaw.core.jobs import Totals
from thaw.jobs.tallies import Tally
from thaw.listing import Marker


class Phase(StrEnum):
    """READ: the manifest is to be read. REFINE: what it holds is looked up. LIST: the bucket is listed."""

    READ = "read"
    REFINE = "refine"
    LIST = "list"
    DONE = "done"


@dataclass
class Cursor:
    """Where run `run` of a job stands.

    `parts`: import parts that are written. REFINE: `part` of `prepared_parts` is next, whose rows from there
    on are `rows_left`, and `calls_left` may be spent on them. LIST: goes on behind `after`. `versions` says
    whether versions are listed, None while that is not known. `list_calls` have been made. `example` is the
    first reject, with its reason, `last_key` the key of the last object that was kept.
    """

    run: int
    phase: Phase
    tally: Tally = field(default_factory=Tally)
    parts: int = 0
    part: int = 0
    prepared_parts: int = 0
    rows_left: int = 0
    calls_left: int = 0
    list_calls: int = 0
    versions: bool | None = None
    after: Marker = field(default_factory=Marker)
    example: str = ""
    last_key: str = ""

    @property
    def done(self) -> bool:
        return self.phase is Phase.DONE

    def to_json(self) -> str:
        """As kept in the jobs bucket."""
        document = asdict(self)
        document["tally"]["by_storage_class"] = {
            name: part._asdict() for name, part in self.tally.by_storage_class.items()
        }
        return json.dumps({**document, "after": list(self.after)})

    @classmethod
    def from_json(cls, text: str | bytes) -> "Cursor":
        """The inverse of `to_json`."""
        document: dict[str, Any] = json.loads(text)
        tally: dict[str, Any] = document.pop("tally")
        by_class: Mapping[str, dict[str, int]] = tally.pop("by_storage_class")
        return cls(
            phase=Phase(document.pop("phase")),
            after=Marker(*document.pop("after")),
            tally=Tally(**tally, by_storage_class={name: Totals(**part) for name, part in by_class.items()}),
            **document,
        )
