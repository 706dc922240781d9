"""The environment of the track_events function, read in one place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.environment import SettingsError, positive, required
from thaw.core.copies import CopyRule, parse_rules
from thaw.core.errors import ThawError


@dataclass(frozen=True)
class Settings:
    """What the stack tells the function; `copy_rules` as in the stack's config.

    `jobs_table` and `copy_queue_url` are "" in a stack that starts no jobs: then nothing is handed to the
    copier.
    """

    objects_table: str
    rollups_table: str
    dead_letter_queue_url: str
    copy_rules: tuple[CopyRule, ...]
    rollup_slots: int
    max_receive_count: int
    jobs_table: str = ""
    copy_queue_url: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            objects_table=required(environ, "OBJECTS_TABLE"),
            rollups_table=required(environ, "ROLLUPS_TABLE"),
            dead_letter_queue_url=required(environ, "DEAD_LETTER_QUEUE_URL"),
            copy_rules=_copy_rules(environ),
            rollup_slots=positive(environ, "ROLLUP_SLOTS"),
            max_receive_count=positive(environ, "MAX_RECEIVE_COUNT"),
            jobs_table=environ.get("JOBS_TABLE", ""),
            copy_queue_url=environ.get("COPY_QUEUE_URL", ""),
        )


def _copy_rules(environ: Mapping[str, str]) -> tuple[CopyRule, ...]:
    text = required(environ, "COPY_RULES")
    try:
        return parse_rules(json.loads(text))
    except (ValueError, ThawError) as exc:
        raise SettingsError(f"Environment variable COPY_RULES is {text!r}: {exc}") from exc
