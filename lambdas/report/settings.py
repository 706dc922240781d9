"""The environment of the report function, read in one place."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.report_layout import Home
from lambdas.environment import SettingsError, required


@dataclass(frozen=True)
class Settings:
    """What the stack tells the function; `region` is the runtime's own.

    `reports_prefix` is "" or ends in "/"; `database` lies in `data_catalog`, the connector's.
    """

    rollups_table: str
    reports_bucket: str
    reports_prefix: str
    topic_arn: str
    work_group: str
    data_catalog: str
    database: str
    attention_hours: float
    usd_per_gb_month: float
    account_id: str
    region: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        return cls(
            rollups_table=required(environ, "ROLLUPS_TABLE"),
            reports_bucket=required(environ, "REPORTS_BUCKET"),
            reports_prefix=environ.get("REPORTS_PREFIX", ""),
            topic_arn=required(environ, "TOPIC_ARN"),
            work_group=required(environ, "WORK_GROUP"),
            data_catalog=required(environ, "DATA_CATALOG"),
            database=required(environ, "DATABASE"),
            attention_hours=_number(environ, "ATTENTION_HOURS"),
            usd_per_gb_month=_number(environ, "USD_PER_GB_MONTH"),
            account_id=required(environ, "ACCOUNT_ID"),
            region=required(environ, "AWS_REGION"),
        )

    @property
    def home(self) -> Home:
        """What stands in the path of every report."""
        return Home(self.account_id, self.region)


def _number(environ: Mapping[str, str], name: str) -> float:
    text = required(environ, name)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise SettingsError(f"Environment variable {name} is {text!r}; it must be a number from 0.")
    return number
