"""Times as options take them."""

from datetime import datetime

import click

from thaw.core.errors import ThawError
from thaw.core.times import parse


class Moment(click.ParamType[datetime]):
    """An ISO-8601 time with a UTC offset."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return datetime.fromisoformat(parse(value))
        except ThawError as exc:
            self.fail(str(exc), param, ctx)
