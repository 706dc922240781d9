"""`thaw vault` over a service in memory, or over tables and buckets of moto."""

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.cli import clients, job_stack
from tests.jobs.served import (
    ACCOUNT,
    JOBS_BUCKET,
    MACHINE,
    RULES,
    TOPIC,
    VAULT_MACHINE,
    Served,
)
from thaw.core.job_rules import JobRules
from thaw.jobs.service import JobService
from thaw.jobs.stack import JobStack

OUTPUTS = {
    "create_job_machine_arn": MACHINE,
    "transfer_vault_machine_arn": VAULT_MACHINE,
    "job_rules": RULES.to_json(),
    "jobs_table": "jobs",
    "rollups_table": "rollups",
    "jobs_bucket": JOBS_BUCKET,
    "progress_topic_arn": TOPIC,
}


def deploy(patch: pytest.MonkeyPatch, folder: Path, **outputs: str) -> None:
    """The outputs of a stack are where the commands look for them."""
    (folder / "outputs.json").write_text(json.dumps({**OUTPUTS, **outputs}))
    patch.setenv("THAW_STACK_OUTPUTS", str(folder / "outputs.json"))


def serve(patch: pytest.MonkeyPatch, folder: Path, rules: JobRules = RULES) -> Served:
    """The commands work on this service."""
    served = Served(rules)
    served.steps = []
    deploy(patch, folder, job_rules=rules.to_json())
    for name in ("dynamodb", "s3", "s3control", "stepfunctions"):
        patch.setattr(clients, name, lambda: served.s3)

    def service(stack: JobStack, *_: object, **__: object) -> JobService:
        assert stack == JobStack(rules, ACCOUNT, "jobs", "rollups", JOBS_BUCKET, MACHINE, VAULT_MACHINE)
        return served.service

    patch.setattr(job_stack, "job_service", service)
    return served


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was written to standard output since the last look."""
    return capsys.readouterr().out.splitlines()


def parsed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The same, as JSON."""
    return json.loads(capsys.readouterr().out)
