"""`thaw demo`: the whole system on this machine, once from manifest to COPIED."""

from pathlib import Path

import click

_OBJECTS, _ARCHIVES = 2000, 300


@click.command(
    epilog="Example: thaw demo --objects 2000 --out demo",
)
@click.option(
    "--objects",
    type=click.IntRange(100, 20_000),
    help=f"How many.  [default: {_OBJECTS}; {_ARCHIVES} with --vault]",
)
@click.option("--vault", is_flag=True, help="Move a Glacier vault of archives instead of restoring objects.")
@click.option(
    "--out",
    default=Path("demo"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the reports.",
)
@click.option("--keep", is_flag=True, help="Leave the local AWS running, to play with, until Ctrl-C.")
def demo(objects: int | None, vault: bool, out: Path, keep: bool) -> int:  # noqa: FBT001 - click passes flags by name
    """Deploy Thaw into a local AWS emulator and follow a job of objects, or of archives, to its end."""
    from local.demo import run_demo, run_vault_demo

    run, usual = (run_vault_demo, _ARCHIVES) if vault else (run_demo, _OBJECTS)
    return run(objects or usual, out, keep=keep)
