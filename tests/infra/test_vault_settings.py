"""Settings of vault transfers: what is taken, and the sentences that refuse."""

from typing import Any

import pytest

from infra.settings import Settings
from tests.infra.test_settings import refusal

RANGES = [
    ("vault_bytes_per_day", 0, 10**18),
    ("vault_requests_per_second", 1, 1000),
    ("vault_staged_bytes", 0, 10**18),
    ("vault_transfer_concurrency", 2, 1000),
    ("vault_sweep_minutes", 0, 720),
]


@pytest.mark.parametrize(("key", "low", "high"), RANGES)
def test_numbers_are_taken_up_to_their_limits_and_not_beyond(key: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(Settings.parse({key: value}), key) == value
    for beyond in (low - 1, high + 1):
        assert refusal({key: beyond}) == (
            f"thaw:{key} is {beyond}, but the limits are {low} to {high}; choose a number between them."
        )


def test_vaults_alone_bring_the_machinery_of_jobs() -> None:
    assert Settings.parse({"vaults": ["photos"]}).has_jobs
    assert Settings.parse({"vaults": ["photos"]}).followed_buckets == ()


def test_functions_get_the_rules_of_vaults() -> None:
    values = {
        "vaults": ["photos", "tax.records_2"],
        "vault_bytes_per_day": 1,
        "vault_requests_per_second": 2,
        "vault_staged_bytes": 3,
        "vault_sweep_minutes": 4,
    }
    rules = Settings.parse(values).job_rules("eu-central-1")
    assert {key: getattr(rules, key) for key in values} == values | {"vaults": ("photos", "tax.records_2")}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"vaults": "photos"}, "thaw:vaults is 'photos', but its type is array; write it so in YAML."),
    ({"vaults": [1]}, "thaw:vaults[0] is 1, but its type is string; write it so in YAML."),
    ({"vaults": ["a/b"]}, "thaw:vaults[0] is 'a/b', but a vault's name has 1 to 255 letters, digits, dots,"),
    ({"vaults": [""]}, "hyphens and underscores; give the bare name, without an ARN."),
    (
        {"vaults": ["photos", "photos"]},
        "thaw:vaults is 'photos', but it stands there once; drop one of them.",
    ),
    ({"vault_watch_schedule": ""}, "is '', but no archive would be requested without it; set it, to rate("),
    ({"vault_watch_schedule": "hourly"}, "thaw:vault_watch_schedule is 'hourly', but it is rate(NUMBER"),
]


@pytest.mark.parametrize(("values", "part"), REFUSED)
def test_bad_values_are_refused_with_key_value_and_limit(values: dict[str, Any], part: str) -> None:
    assert part in refusal(values)


def test_vaults_that_no_function_s_environment_holds_are_refused_before_the_first_resource() -> None:
    assert "bytes as JSON" in refusal({"vaults": [f"{number:0255}" for number in range(8)]})
