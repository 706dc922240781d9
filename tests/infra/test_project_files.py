"""Pulumi.yaml, Pulumi.example.yaml and the settings say the same."""

import json
import re
from dataclasses import Field, fields
from typing import Any

import yaml

from infra.settings import SHAPES, Settings
from tests.infra.recording import ROOT
from tests.infra.test_job_settings import RANGES

PULUMI_TYPES = {"string", "integer", "boolean", "array", "object"}
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
EXAMPLE_TEXT = (ROOT / "Pulumi.example.yaml").read_text()
EXAMPLE: dict[str, Any] = yaml.safe_load(EXAMPLE_TEXT)["config"]
OURS = {key.removeprefix("thaw:"): value for key, value in EXAMPLE.items() if key.startswith("thaw:")}

FITTING: dict[str, dict[str, Any]] = {
    "batch_size": {"batching_window_seconds": 1},
    "batching_window_seconds": {"batch_size": 1},
    "job_files_days": {"job_timeout_hours": 1},
    "job_timeout_hours": {"job_files_days": 3650},
    "api_quota_per_day": {"job_api": "api_key"},
    "expiry_margin_hours": {"sweep_schedule": ""},
}
"""What else has to be set for a setting to be taken at its limits."""


def default_of(field: "Field[Any]") -> Any:
    value: Any = getattr(Settings(), field.name)
    return {} if value is None else json.loads(json.dumps(value))


def test_the_project_file_declares_every_setting_with_its_type_and_default() -> None:
    declared = {key: (spec["type"], spec["default"]) for key, spec in PROJECT["config"].items()}
    assert declared == {field.name: (SHAPES[field.name], default_of(field)) for field in fields(Settings)}


def test_the_project_file_uses_only_what_its_schema_knows() -> None:
    for key, spec in PROJECT["config"].items():
        assert spec["type"] in PULUMI_TYPES
        assert spec.keys() <= {"type", "items", "default", "description"}, key
        assert (spec["type"] == "array") == ("items" in spec), "an array needs items, nothing else has them"
        assert spec["description"].endswith("."), f"{key} is described in a sentence"


def test_the_example_shows_every_key_under_a_comment() -> None:
    assert OURS.keys() == PROJECT["config"].keys()
    lines = EXAMPLE_TEXT.splitlines()
    for key in OURS:
        start = next(i for i, line in enumerate(lines) if line.startswith(f"  thaw:{key}:"))
        above = next(line for line in reversed(lines[:start]) if not line.startswith("  thaw:"))
        assert above.strip().startswith("#"), f"{key} has no comment above it"


def test_the_example_is_accepted_as_it_stands() -> None:
    settings = Settings.parse(OURS)
    assert [bucket.name for bucket in settings.watched_buckets] == ["my-archive", "my-warm-data"]


def test_the_example_shows_the_defaults_of_plain_keys() -> None:
    for field in fields(Settings):
        if SHAPES[field.name] in ("integer", "boolean"):
            assert OURS[field.name] == field.default, field.name


def test_the_limits_in_the_descriptions_are_those_of_the_code() -> None:
    for key in (
        *("batch_size", "batching_window_seconds", "max_concurrency", "memory_mb", "rollup_slots"),
        *("athena_scan_limit_mb", "athena_max_concurrency", "query_results_days", "attention_hours"),
        "dated_reports_days",
        *(key for key, _, _ in RANGES),
    ):
        low, high = re.findall(r"(\d+) to (\d+)", PROJECT["config"][key]["description"])[0]
        for value in (low, high):
            Settings.parse({**FITTING.get(key, {}), key: int(value)})
