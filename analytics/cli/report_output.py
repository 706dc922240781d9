"""Where finished reports go: the terminal, standard output, or files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import pandas as pd
from rich.console import Console

from analytics.cli.report_tables import LISTED, report_table
from analytics.formats import FileFormat, Frames, csv_text, json_text, write_files, write_reports
from thaw.manifests.s3 import SCHEME

TABLE, HTML = "table", "html"
FORMATS = (TABLE, *FileFormat, HTML)
PAGE = "report.html"

_UNLIMITED = 10_000
"""Characters in a line of what is no terminal."""


@dataclass(frozen=True)
class Made:
    """Finished reports by name: as of when, from what source, for which job (None: all)."""

    frames: Frames
    as_of: datetime
    source: str
    job_id: str | None


def chosen_format(wanted: str | None, out: str | None, reports: Sequence[str]) -> str:
    """The format asked for; else a table, or CSV files where there is a folder for them.

    Raises click.UsageError where format, folder and number of reports do not go together.
    """
    chosen = wanted or (TABLE if out is None else FileFormat.CSV)
    if out is None:
        needs_folder = chosen in (FileFormat.PARQUET, HTML) or (chosen == FileFormat.CSV and len(reports) > 1)
        if needs_folder:
            many = f" of {len(reports)} reports" if len(reports) > 1 else ""
            raise click.UsageError(
                f"--format {chosen}{many} writes files: name a folder for them with --out."
            )
    elif not out:
        raise click.UsageError("--out is empty; name a folder for the files, or leave it out.")
    elif out.startswith(SCHEME):
        raise click.UsageError(f"--out {out} is in S3; give a folder, and copy it with `aws s3 cp`.")
    elif chosen == TABLE:
        raise click.UsageError(
            "--format table is for the terminal: leave out --out, or choose another format."
        )
    return chosen


def put_out(made: Made, chosen: str, out: Path | None) -> None:
    """Shows the reports, or writes them and tells the files. Raises ReportOutputError."""
    if out is not None:
        paths = _write(made, chosen, out)
        for path in paths:
            click.echo(_line(path, made.frames))
    elif chosen == TABLE:
        _show(made)
    elif chosen == FileFormat.CSV:
        (frame,) = made.frames.values()
        click.echo(csv_text(frame), nl=False)
    else:
        click.echo(_json(made.frames), nl=False)


def _write(made: Made, chosen: str, out: Path) -> list[Path]:
    if chosen != HTML:
        return write_reports(made.frames, out, FileFormat(chosen))
    from analytics.page import Heading, render

    attention = made.frames.get("attention")
    total = 0 if attention is None else len(attention)
    heading = Heading(made.as_of, made.source, made.job_id, total)
    frames = {name: _listed(name, frame) for name, frame in made.frames.items()}
    page = render(frames, heading)
    return write_files({PAGE: lambda path: _put(path, page)}, out)


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _listed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.head(LISTED) if name == "attention" else frame


def _line(path: Path, frames: Frames) -> str:
    frame = frames.get(path.stem)
    return str(path) if frame is None else f"{path}: {len(frame):,} {'row' if len(frame) == 1 else 'rows'}"


def _show(made: Made) -> None:
    console = Console(soft_wrap=False)
    width = console.width if console.is_terminal else _UNLIMITED
    console = Console(width=width)
    for name, frame in made.frames.items():
        console.print(report_table(name, frame, width))
    console.print(f"As of {made.as_of:%Y-%m-%d %H:%M:%S} UTC, as are all times.", highlight=False)


def _json(frames: Frames) -> str:
    """What NAME.json would hold; of several reports an object of these by name."""
    if len(frames) == 1:
        (frame,) = frames.values()
        return json_text(frame)
    parts = ",\n".join(f"{json.dumps(name)}: {json_text(frame).rstrip()}" for name, frame in frames.items())
    return f"{{\n{parts}\n}}\n"
