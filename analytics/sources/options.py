"""What the sources are opened with: clients, names of what is in the cloud, and limits."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from analytics.sources.errors import SourceOptionError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


class AthenaPlace(NamedTuple):
    """Where Athena finds the live table: "" for what nobody has named."""

    work_group: str = ""
    catalog: str = ""
    database: str = ""

    def filled_from(self, outputs: Mapping[str, Any]) -> "AthenaPlace":
        """What is not named here, by the outputs of Thaw's stack."""
        names = ("athena_work_group", "athena_data_catalog", "athena_database")
        return AthenaPlace(
            *(here or str(outputs.get(name, "")) for here, name in zip(self, names, strict=True))
        )

    def checked(self) -> "AthenaPlace":
        """This, if everything is named. Raises SourceOptionError."""
        missing = [name for name, value in self._asdict().items() if not value]
        if missing:
            raise SourceOptionError(
                f"The source athena needs a {', a '.join(missing).replace('_', ' ')}: give"
                f" {', '.join('--' + name.replace('_', '-') for name in missing)}, the environment variables"
                f" {', '.join('THAW_' + name.upper() for name in missing)}, or --stack-outputs FILE."
            )
        return self


NOWHERE = AthenaPlace()


@dataclass(frozen=True)
class Clients:
    """Makers of clients: each is called only for a source that needs it."""

    dynamodb: Callable[[], "DynamoDBClient"]
    s3: Callable[[], "S3Client"]
    athena: Callable[[str, str, str], Any]


@dataclass(frozen=True)
class SourceOptions:
    """How to open a source for `reports`.

    `past`: they are asked for as of an earlier time, of which counters know nothing. `making`: the options
    given that say how to make a report, and that a finished one cannot follow. `memory_bytes` is what the
    engine may take before it goes to disk. `tell` is given sentences for the person who asked; `counting`
    shows progress: a title gives a function that is told how many more objects have been read; `pause` waits
    seconds between attempts.
    """

    clients: Clients
    reports: tuple[str, ...]
    objects_table: str
    rollups_table: str
    tell: Callable[[str], None]
    counting: Callable[[str], AbstractContextManager[Callable[[int], None]]]
    pause: Callable[[float], None]
    athena: AthenaPlace = NOWHERE
    job_id: str | None = None
    past: bool = False
    making: tuple[str, ...] = ()
    memory_bytes: int = 1_500_000_000
