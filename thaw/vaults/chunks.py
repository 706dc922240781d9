"""What asking for a chunk of archives comes to: news of them, and why not to go on at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from thaw.core.keys import ObjectId
from thaw.core.records import ObjectRecord
from thaw.core.vault_needs import Cost
from thaw.vaults.answers import Answer, Kind
from thaw.vaults.news import News
from thaw.vaults.walking import Row

ALL_REFUSED = 5
"""So many archives refused in one go, and none taken: it may be about none of them."""


class Want(NamedTuple):
    """An archive that is to be asked for."""

    row: Row
    record: ObjectRecord
    cost: Cost

    @property
    def size(self) -> tuple[Cost, int]:
        return self.cost, self.row.archive.size_bytes


@dataclass
class Chunk:
    """What a chunk came to: news by record; rows that are still to be asked for; why to `pause`, whether to
    `stop` for now, why budgets `held` rows back, and the key of an object that is in the way."""

    news: dict[ObjectId, News] = field(default_factory=dict[ObjectId, News])
    left: set[Row] = field(default_factory=set[Row])
    counts: Counter[str] = field(default_factory=Counter[str])
    pause: str = ""
    stop: bool = False
    held: str = ""
    conflict: str = ""


def reason_to_pause(answers: Sequence[Answer]) -> str:
    """Why nothing more is asked for during a while, in a sentence; "" to go on."""
    held = [answer for answer in answers if answer.kind is Kind.HELD]
    taken = any(answer.kind in (Kind.ACCEPTED, Kind.GONE) for answer in answers)
    if not held and not taken:
        held = _same_trouble(answers)
    return f"Glacier takes no retrieval requests: {held[0].code}: {held[0].message}" if held else ""


def _same_trouble(answers: Sequence[Answer]) -> list[Answer]:
    """Answers that are hardly about single archives: nobody else's was better."""
    silent = [answer for answer in answers if answer.kind is Kind.UNANSWERED]
    refused = [answer for answer in answers if answer.kind is Kind.REFUSED]
    return (silent if len(answers) > 1 else []) or (refused if len(refused) >= ALL_REFUSED else [])
