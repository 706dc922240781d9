"""Settings of jobs: what is taken, and the sentences that refuse."""

from typing import Any

import pytest

from infra import limits
from infra.job_entries import RestoreBucket
from infra.job_settings import JobSettings
from infra.names import MAX_BUCKET_NAME, Names, Place
from infra.setting_entries import WatchedBucket
from infra.settings import Settings
from infra.state_machines.definitions import MACHINES
from tests.infra.test_settings import refusal
from thaw.core.job_rules import Destination, JobRules

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FULL: dict[str, Any] = {
    "watched_buckets": [{"name": "cold", "via": "eventbridge", "watch": ["restores", "copies"]}],
    "restore_buckets": [{"name": "cold", "prefix": "2019/"}, {"name": "tapes", "via": "eventbridge"}],
    "manifest_buckets": ["manifests"],
    "copy_destinations": [
        {"bucket": "warm", "prefix": "in/"},
        {"bucket": "far", "region": "us-gov-west-1", "account": "210987654321"},
    ],
    "kms_key_arns": [KEY],
    "copy_may_delete_source": True,
    "job_api": "api_key",
    "api_quota_per_day": 100,
}


def test_without_restore_buckets_there_are_no_jobs() -> None:
    assert not Settings().has_jobs
    assert Settings.parse({"restore_buckets": [{"name": "cold"}]}).has_jobs


def test_a_full_config_becomes_typed_settings() -> None:
    settings = Settings.parse(FULL)
    assert settings.restore_buckets == (
        RestoreBucket("cold", "notifications", "2019/"),
        RestoreBucket("tapes", "eventbridge", ""),
    )
    assert settings.copy_destinations == (
        Destination("warm", "in/"),
        Destination("far", "", "us-gov-west-1", "210987654321"),
    )
    assert (settings.manifest_buckets, settings.kms_key_arns) == (("manifests",), (KEY,))


def test_a_bucket_of_jobs_is_followed_once_as_it_is_watched_or_for_its_restores() -> None:
    settings = Settings.parse(FULL)
    assert settings.followed_buckets == (
        WatchedBucket("cold", "eventbridge", "", ("restores", "copies")),
        WatchedBucket("tapes", "eventbridge", "", ("restores",)),
    )
    assert [bucket.name for bucket in settings.watched("eventbridge")] == ["cold", "tapes"]


def test_functions_get_the_rules_with_the_buckets_whose_events_really_come_by_eventbridge() -> None:
    rules = Settings.parse(FULL | {"job_max_objects": 7, "max_uncopied_bytes": 8}).job_rules("eu-central-1")
    assert rules == JobRules(
        region="eu-central-1",
        restore_buckets=("cold", "tapes"),
        manifest_buckets=("manifests",),
        eventbridge_buckets=("cold", "tapes"),
        copy_destinations=(
            Destination("warm", "in/"),
            Destination("far", "", "us-gov-west-1", "210987654321"),
        ),
        copy_may_delete_source=True,
        max_objects=7,
        max_uncopied_bytes=8,
        kms_key_arns=(KEY,),
    )
    assert JobRules.from_json(rules.to_json()) == rules


def test_the_defaults_of_settings_and_rules_are_the_same() -> None:
    assert JobSettings().rules("eu-central-1", ()) == JobRules("eu-central-1")


RANGES = [
    ("job_max_objects", 1, 10**9),
    ("job_timeout_hours", 1, 8784),
    ("progress_step_percent", 1, 100),
    ("expiry_margin_hours", 1, 8784),
    ("max_uncopied_bytes", 0, 10**18),
    ("restore_requests_per_second", 1, 1000),
    ("tolerated_failure_percent", 0, 100),
    ("copy_max_concurrency", 2, 1000),
    ("api_requests_per_second", 1, 10_000),
    ("api_burst", 1, 5_000),
    ("api_quota_per_day", 0, 2**31 - 1),
    ("job_files_days", 1, 3650),
]


@pytest.mark.parametrize(("key", "low", "high"), RANGES)
def test_numbers_are_taken_up_to_their_limits_and_not_beyond(key: str, low: int, high: int) -> None:
    fitting = {"job_api": "api_key", "job_files_days": 3650, "job_timeout_hours": 1, "sweep_schedule": ""}
    for value in (low, high):
        assert getattr(Settings.parse({**fitting, key: value}), key) == value
    for beyond in (low - 1, high + 1):
        assert refusal({**fitting, key: beyond}) == (
            f"thaw:{key} is {beyond}, but the limits are {low} to {high}; choose a number between them."
        )


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"restore_buckets": ["cold"]}, "thaw:restore_buckets[0] is 'cold', but its type is object"),
    ({"restore_buckets": [{}]}, "thaw:restore_buckets[0] lacks 'name', which has no default; add it."),
    ({"restore_buckets": [{"name": "s3://cold"}]}, "give the bare name, without s3:// or an ARN."),
    ({"restore_buckets": [{"name": "cold", "via": "sns"}]}, "it is notifications or eventbridge"),
    ({"restore_buckets": [{"name": "cold", "watch": []}]}, "restore_buckets[0] has the key 'watch'"),
    ({"restore_buckets": [{"name": "cold", "prefix": "é" * 513}]}, "'1026 bytes', but S3 keys have"),
    ({"restore_buckets": [{"name": "cold"}] * 2}, "is 'cold', but it stands there once; drop one of them."),
    ({"manifest_buckets": [{"name": "m"}]}, "thaw:manifest_buckets[0] is {'name': 'm'}, but its type is"),
    ({"manifest_buckets": ["S3"]}, "thaw:manifest_buckets[0] is 'S3', but a bucket name has"),
    ({"copy_destinations": [{"name": "warm"}]}, "copy_destinations[0] has the key 'name', which is not"),
    ({"copy_destinations": [{"bucket": "warm"}] * 2}, "thaw:copy_destinations is 'warm/', but it stands"),
    ({"copy_destinations": [{"bucket": "warm", "region": "Frankfurt"}]}, "it is a Region such as eu-west-1"),
    ({"copy_destinations": [{"bucket": "warm", "account": "12345"}]}, "but it has 12 digits; correct it and"),
    ({"copy_destinations": [{"bucket": "warm", "account": 123456789012}]}, "but its type is string"),
    ({"kms_key_arns": ["alias/archive"]}, "thaw:kms_key_arns[0] is 'alias/archive', but it is the ARN of a"),
    ({"kms_key_arns": [KEY.replace("key/", "alias/")]}, "give the key that the alias stands for."),
    ({"jobs_bucket": "s3://jobs"}, "thaw:jobs_bucket is 's3://jobs', but a bucket name has"),
    ({"progress_email": "me"}, "thaw:progress_email is 'me', but it is an e-mail address"),
    ({"watch_schedule": "5 minutes"}, "thaw:watch_schedule is '5 minutes', but it is rate(NUMBER"),
    ({"watch_schedule": ""}, "thaw:watch_schedule is '', but no job would end without it; set it, to rate("),
    ({"sweep_schedule": "hourly"}, "thaw:sweep_schedule is 'hourly', but it is rate(NUMBER"),
    ({"sweep_schedule": "rate(1 day)"}, "a copy that lapses within 24 hours has to be found in time; sweep"),
    ({"expiry_margin_hours": 6}, "thaw:sweep_schedule is 'rate(6 hours)', but a copy that lapses within 6"),
    ({"job_api": "open"}, "thaw:job_api is 'open', but it is iam, api_key, off; choose one."),
    ({"job_api": "iam", "api_quota_per_day": 1}, "only callers with an API key are counted; set job_api to"),
    ({"job_files_days": 7}, "is 7, but a job may take 168 hours and needs its files as long; raise it, or"),
    ({"vaults": ["photos"], "job_files_days": 364}, "on the vault; with vaults make it 365 or"),
]


@pytest.mark.parametrize(("values", "part"), REFUSED)
def test_bad_values_are_refused_with_key_value_and_limit(values: dict[str, Any], part: str) -> None:
    assert part in refusal(values)


def test_a_sweep_may_be_left_out() -> None:
    assert Settings.parse({"sweep_schedule": ""}).sweep_schedule == ""


def test_a_bucket_that_is_watched_for_its_copies_only_would_hide_its_restores_and_is_refused() -> None:
    values = {
        "watched_buckets": [{"name": "cold", "watch": ["copies"]}],
        "restore_buckets": [{"name": "cold"}],
    }
    assert refusal(values) == (
        "thaw:restore_buckets is 'cold', but its entry in watched_buckets watches copies only, so that no"
        " restore would be seen; add restores to its watch."
    )


def test_a_bucket_that_is_watched_in_part_is_restored_from_in_that_part_only() -> None:
    watched = {"watched_buckets": [{"name": "cold", "prefix": "2019/"}]}
    inside = Settings.parse(watched | {"restore_buckets": [{"name": "cold", "prefix": "2019/05/"}]})
    assert inside.followed_buckets == (WatchedBucket("cold", "notifications", "2019/", ("restores",)),)
    assert refusal(watched | {"restore_buckets": [{"name": "cold"}]}) == (
        "thaw:restore_buckets is 'cold', but its entry in watched_buckets watches '2019/' only; give it a"
        " prefix that begins so, or widen what is watched."
    )


def test_rules_that_no_function_s_environment_holds_are_refused_before_the_first_resource() -> None:
    def values(buckets: int) -> dict[str, Any]:
        return {"restore_buckets": [{"name": f"bucket-{number:010}"} for number in range(buckets)]}

    assert len(Settings.parse(values(70)).restore_buckets) == 70
    assert refusal(values(100)).endswith(
        "bytes as JSON, with manifest_buckets, copy_destinations, kms_key_arns and vaults', but there is room"
        " for 2000 in a function's environment; drop some, or deploy a second stack for them."
    )


def test_copy_rules_have_less_room_beside_jobs() -> None:
    rule = {"source_bucket": "cold", "destination_bucket": "warm", "destination_prefix": ""}
    values: dict[str, Any] = {
        "watched_buckets": [{"name": "warm", "watch": ["copies"]}],
        "copy_rules": [{**rule, "source_prefix": "x" * (limits.MAX_COPY_RULES_BYTES_BESIDE_JOBS - 80)}],
    }
    Settings.parse(values)
    assert "where there are restore_buckets; join rules" in refusal(
        values | {"restore_buckets": [{"name": "cold"}]}
    )


def test_the_longest_prefix_still_gives_names_that_aws_takes() -> None:
    names, place = Names("x" * 24), Place("aws", "ap-southeast-10", "123456789012")
    assert len(names.jobs_bucket(place)) <= MAX_BUCKET_NAME
    assert names.jobs_bucket(place).endswith(f"-{place.account}-{place.region}"), "it had not to be cut"
    roles = [
        names.batch_role,
        names.job_scheduler,
        names.job_api_log_role,
        *map(names.machine_role, MACHINES),
    ]
    assert max(map(len, roles)) <= 64
    queues = [names.copy_queue, names.copy_dead_letter_queue]
    assert max(map(len, [*queues, *map(names.machine, MACHINES)])) <= 80
