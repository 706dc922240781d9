"""Where Athena finds the live table: by option, by the stack's outputs, or by environment."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from analytics.cli.sources import read_json
from analytics.sources.options import AthenaPlace

F = TypeVar("F", bound=Callable[..., Any])

_HELP = {
    "work_group": "Of the source athena.",
    "catalog": "Athena's data catalog over the tables.",
    "database": "Of the source athena.",
}


def athena_options(command: F) -> F:
    """Adds the options, and passes what they say to the command as `athena`.

    An option is stronger than the stack's outputs, and these are stronger than the environment.
    """

    @click.option("--stack-outputs", help="What `pulumi stack output --json` printed; a path or s3:// URI.")
    @click.pass_context
    @wraps(command)
    def wrapped(context: click.Context, /, stack_outputs: str | None, **options: Any) -> Any:
        said = {name: options.pop(name) or "" for name in AthenaPlace._fields}
        given = {name: value for name, value in said.items() if _on_command_line(context, name)}
        place = AthenaPlace(**given)
        if stack_outputs is not None:
            place = place.filled_from(read_json(stack_outputs))
        return command(
            athena=AthenaPlace(*(a or b for a, b in zip(place, said.values(), strict=True))), **options
        )

    for name in reversed(AthenaPlace._fields):
        option = f"--{name.replace('_', '-')}"
        wrapped = click.option(option, envvar=f"THAW_{name.upper()}", show_envvar=True, help=_HELP[name])(
            wrapped
        )
    return wrapped  # pyright: ignore[reportReturnType] - click reads the options off the function


def _on_command_line(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
