"""The operations manual names every setting, output and alarm of vaults, with the defaults of the code."""

import json
import shlex

from infra.job_settings import JobSettings
from infra.vault_settings import VAULT_SHAPES
from tests.infra.jobs.recorded import full, vaults_alone, with_vaults
from tests.infra.jobs.test_job_docs import ROWS, TEXT
from tests.infra.vaults.test_alarms import alarms


def test_every_setting_has_a_row_with_its_default() -> None:
    for name in VAULT_SHAPES:
        default, said = getattr(JobSettings(), name), ROWS[name]
        if isinstance(default, int):
            assert said == f"{default:,}", name
        else:
            assert said == (f"`{default}`" if default else "none"), name


def test_every_alarm_has_a_row() -> None:
    rows = [row.split(" | ")[0] for row in TEXT.splitlines() if row.startswith("| `PREFIX-")]
    for purpose in alarms():
        assert any(f"`PREFIX-{purpose}`" in row for row in rows), purpose


def test_every_output_is_named() -> None:
    for name in with_vaults().outputs.keys() - full().outputs.keys():
        assert f"`{name}`" in TEXT or f"pulumi stack output {name}`" in TEXT, name


def test_the_runbook_is_started_with_parameters_that_it_has() -> None:
    (line,) = [line for line in TEXT.splitlines() if "--parameters" in line]
    given = {each.partition("=")[0] for each in shlex.split(line)[-1].split(",")}
    content = json.loads(with_vaults().one("ssm/document:Document", "vault-launch").inputs["content"])
    needed = {name for name, each in content["parameters"].items() if "default" not in each}
    assert needed <= given <= content["parameters"].keys()


def test_the_least_config_is_accepted() -> None:
    assert vaults_alone().outputs["vault_dashboard"] == "thaw-vaults"
