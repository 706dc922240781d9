"""The environment of the sweep_copies function, read in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.copy_settings import CopySettings
from lambdas.environment import required


@dataclass(frozen=True)
class Settings:
    """What the stack tells the function."""

    copying: CopySettings
    copy_queue_url: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong, and JobRulesError."""
        return cls(
            copying=CopySettings.from_environment(environ),
            copy_queue_url=required(environ, "COPY_QUEUE_URL"),
        )
