"""The reports of the demo: written by the deployed function, and shown by `thaw report` as a page."""

import contextlib
import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.cli.report import report
from analytics.report_layout import Form, Home, latest_key
from analytics.schema import REPORTS
from local.deployer.dynamic import aws_of
from local.emulator import Emulator
from local.errors import DemoError
from thaw.core.times import to_iso

PREFIX = "thaw/"
"""The stack's folder in its reports bucket."""


@dataclass(frozen=True)
class Reporting:
    """The reports of a deployed stack, whose exports are `outputs`."""

    emulator: Emulator
    outputs: Mapping[str, Any]

    def invoke(self, kind: str, at: datetime) -> None:
        """Has the deployed function write the reports of a kind, as its schedule would at this time."""
        answer = self.emulator.client("lambda").invoke(
            FunctionName=self.outputs["report_function"],
            Payload=json.dumps({"reports": kind, "as_of": to_iso(at)}),
        )
        if "FunctionError" in answer:
            told = answer["Payload"].read().decode()
            raise DemoError(f"The report function failed to write the reports of {kind}: {told}")

    def fetch(self, out: Path) -> list[Path]:
        """Downloads the newest CSV of each report out of the reports bucket."""
        home = Home(self.emulator.account, self.emulator.region)
        out.mkdir(parents=True, exist_ok=True)
        for name in REPORTS:
            key, file = latest_key(PREFIX, Form.CSV, name, home), str(out / f"{name}.csv")
            self.emulator.client("s3").download_file(self.outputs["reports_bucket"], key, file)
        return [out / f"{name}.csv" for name in REPORTS]

    def ask(self, *options: str) -> None:
        """Runs `thaw report all` with options, as in a terminal of the stack's owner, and keeps it quiet."""
        with (
            tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as stack,
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            aws_of(self.emulator),
        ):
            json.dump(dict(self.outputs), stack)
            stack.flush()
            report.main(["all", *options, "--stack-outputs", stack.name], standalone_mode=False)
