"""The operations manual names every setting, output and alarm of jobs, with the defaults of the code."""

import json
import re

from infra.job_settings import JOB_SHAPES, JobSettings
from tests.infra.jobs.recorded import CONFIG, full
from tests.infra.jobs.test_alarms import alarms
from tests.infra.recording import ROOT, record

TEXT = (ROOT / "docs/operations.md").read_text()
ROWS = {
    name: row.split(" | ")[1]
    for row in TEXT.splitlines()
    if row.startswith("| `")
    for name in re.findall(r"`(\w+)`", row.split(" | ")[0])
}


def test_every_setting_has_a_row_with_its_default() -> None:
    assert ROWS.keys() >= JOB_SHAPES.keys()
    for name in JOB_SHAPES:
        default, said = getattr(JobSettings(), name), ROWS[name]
        if isinstance(default, bool):
            assert said == f"`{json.dumps(default)}`", name
        elif isinstance(default, int):
            assert f"{default:,}" in said.split(", "), name
        elif default:
            assert said == f"`{default}`", name
        else:
            assert said in ("none", "nobody", "made"), name


def test_every_alarm_has_a_row() -> None:
    for purpose in alarms(full()):
        assert f"`PREFIX-{purpose}`" in TEXT, purpose


def test_every_output_of_jobs_is_named() -> None:
    fresh = full().outputs.keys() - record({}).outputs.keys()
    missing = {name for name in fresh if name not in TEXT}
    assert missing == {"job_rules"}, "what `thaw job create` reads for itself"


def test_the_least_config_is_accepted() -> None:
    assert record({"restore_buckets": [{"name": "my-archive"}]}).outputs["jobs_table"] == "thaw-jobs"
    assert CONFIG["copy_destinations"]
