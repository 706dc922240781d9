"""The environment of the track_events function, read in one place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.environment import SettingsError, required
from thaw.core.copies import CopyRule, parse_rules
from thaw.core.errors import ThawError


@dataclass(frozen=True)
class Settings:
    """What the stack tells the function; `copy_rules` as in the stack's config."""

    objects_table: str
    rollups_table: str
    dead_letter_queue_url: str
    copy_rules: tuple[CopyRule, ...]
    rollup_slots: int
    max_receive_count: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            objects_table=required(environ, "OBJECTS_TABLE"),
            rollups_table=required(environ, "ROLLUPS_TABLE"),
            dead_letter_queue_url=required(environ, "DEAD_LETTER_QUEUE_URL"),
            copy_rules=_copy_rules(environ),
            rollup_slots=_positive(environ, "ROLLUP_SLOTS"),
            max_receive_count=_positive(environ, "MAX_RECEIVE_COUNT"),
        )


def _positive(environ: Mapping[str, str], name: str) -> int:
    text = required(environ, name)
    if not text.isdecimal() or int(text) < 1:
        raise SettingsError(f"Environment variable {name} is {text!r}; it must be a whole number from 1.")
    return int(text)


def _copy_rules(environ: Mapping[str, str]) -> tuple[CopyRule, ...]:
    text = required(environ, "COPY_RULES")
    try:
        return parse_rules(json.loads(text))
    except (ValueError, ThawError) as exc:
        raise SettingsError(f"Environment variable COPY_RULES is {text!r}: {exc}") from exc
