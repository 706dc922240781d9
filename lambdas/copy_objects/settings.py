"""The environment of the copy_objects function, read in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.copy_settings import CopySettings
from lambdas.environment import positive, required


@dataclass(frozen=True)
class Settings:
    """What the stack tells the function."""

    copying: CopySettings
    copy_large_machine_arn: str
    max_receive_count: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong, and JobRulesError."""
        return cls(
            copying=CopySettings.from_environment(environ),
            copy_large_machine_arn=required(environ, "COPY_LARGE_MACHINE_ARN"),
            max_receive_count=positive(environ, "COPY_MAX_RECEIVE_COUNT"),
        )
