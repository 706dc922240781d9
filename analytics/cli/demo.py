"""`thaw demo`: the whole system on this machine, once from manifest to COPIED."""

from pathlib import Path

import click


@click.command(
    epilog="Example: thaw demo --objects 2000 --out demo",
)
@click.option(
    "--objects", default=2000, show_default=True, type=click.IntRange(100, 20_000), help="How many."
)
@click.option(
    "--out",
    default=Path("demo"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the reports.",
)
@click.option("--keep", is_flag=True, help="Leave the local AWS running, to play with, until Ctrl-C.")
def demo(objects: int, out: Path, keep: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Deploy Thaw into a local AWS emulator and follow a job of objects to its end."""
    from local.demo import run_demo

    return run_demo(objects, out, keep=keep)
