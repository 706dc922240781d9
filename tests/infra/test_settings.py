"""Stack settings: defaults, types, limits, and the sentences that refuse."""

from typing import Any

import pytest

from infra import limits
from infra.errors import SettingsError
from infra.names import Names
from infra.setting_entries import ImportFiles, WatchedBucket, copy_rules_text
from infra.setting_values import from_config_text
from infra.settings import Settings
from thaw.core.copies import CopyRule


def refusal(values: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.parse(values)
    return str(caught.value)


def test_no_config_at_all_gives_the_defaults() -> None:
    assert Settings.parse({}) == Settings()


def test_a_full_config_becomes_typed_settings() -> None:
    rule = {
        "source_bucket": "cold",
        "source_prefix": "a/",
        "destination_bucket": "warm",
        "destination_prefix": "",
    }
    settings = Settings.parse(
        {
            "name_prefix": "thaw-2",
            "watched_buckets": [
                {"name": "cold", "prefix": "a/"},
                {"name": "warm", "via": "eventbridge", "watch": ["copies", "restores"]},
            ],
            "copy_rules": [rule],
            "import_files": {"bucket": "manifests", "prefix": "x/"},
            "tags": {"team": "archive"},
        }
    )
    assert settings.watched_buckets == (
        WatchedBucket("cold", "notifications", "a/", ("restores",)),
        WatchedBucket("warm", "eventbridge", "", ("restores", "copies")),
    )
    assert settings.copy_rules == (CopyRule("cold", "a/", "warm", ""),)
    assert settings.import_files == ImportFiles("manifests", "x/")
    assert settings.all_tags == {"application": "thaw", "deployment": "thaw-2", "team": "archive"}
    assert [bucket.name for bucket in settings.watched("eventbridge")] == ["warm"]


def test_the_import_folder_holds_parts_and_the_summary_stands_beside_it() -> None:
    files = ImportFiles("manifests", "2026/")
    assert (files.import_prefix, files.summary_key) == ("2026/import/", "2026/summary.json")


def test_an_empty_import_is_no_import() -> None:
    assert Settings.parse({"import_files": {}}).import_files is None


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("batch_size", limits.MIN_BATCH_SIZE, limits.MAX_BATCH_SIZE),
        ("batching_window_seconds", 1, limits.MAX_WINDOW_SECONDS),
        ("max_concurrency", limits.MIN_CONCURRENCY, limits.MAX_CONCURRENCY),
        ("max_receive_count", limits.MIN_RECEIVE_COUNT, limits.MAX_RECEIVE_COUNT),
        ("rollup_slots", 1, 64),
        ("memory_mb", limits.MIN_MEMORY_MB, limits.MAX_MEMORY_MB),
    ],
)
def test_numbers_are_taken_up_to_their_limits_and_not_beyond(key: str, low: int, high: int) -> None:
    assert getattr(Settings.parse({key: low}), key) == low
    assert getattr(Settings.parse({key: high}), key) == high
    assert refusal({key: high + 1}) == (
        f"thaw:{key} is {high + 1}, but the limits are {low if key != 'batching_window_seconds' else 0} to"
        f" {high}; choose a number between them."
    )
    with pytest.raises(SettingsError, match=f"thaw:{key} is "):
        Settings.parse({key: -1})


def test_a_large_batch_without_a_window_is_refused_with_the_way_out() -> None:
    assert Settings.parse({"batch_size": 10, "batching_window_seconds": 0}).batch_size == 10
    assert refusal({"batch_size": 11, "batching_window_seconds": 0}) == (
        "thaw:batch_size is 11, but without a batching window Lambda takes at most 10; set"
        " batching_window_seconds to 1 or more, or lower batch_size."
    )


def test_a_misspelt_key_is_refused_rather_than_left_unread() -> None:
    assert refusal({"watched_bucket": []}).startswith(
        "the stack's config has the key 'watched_bucket', which is not known; it takes name_prefix, "
    )


def test_a_misspelt_key_of_a_bucket_is_refused() -> None:
    assert refusal({"watched_buckets": [{"name": "cold", "suffix": "x"}]}) == (
        "watched_buckets[0] has the key 'suffix', which is not known; it takes name, via, prefix, watch:"
        " correct or remove it."
    )


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"batch_size": "100"}, "thaw:batch_size is '100', but its type is integer"),
    ({"batch_size": True}, "thaw:batch_size is True, but its type is integer"),
    ({"protect_tables": 1}, "thaw:protect_tables is 1, but its type is boolean"),
    ({"watched_buckets": {}}, "thaw:watched_buckets is {}, but its type is array"),
    ({"watched_buckets": ["cold"]}, "thaw:watched_buckets[0] is 'cold', but its type is object"),
    ({"watched_buckets": [{}]}, "thaw:watched_buckets[0] lacks 'name', which has no default; add it."),
    ({"watched_buckets": [{"name": "s3://cold"}]}, "give the bare name, without s3:// or an ARN."),
    ({"watched_buckets": [{"name": "cold", "via": "sns"}]}, "it is notifications or eventbridge"),
    ({"watched_buckets": [{"name": "cold", "watch": ["puts"]}]}, "it holds restores and/or copies"),
    ({"watched_buckets": [{"name": "cold", "watch": []}]}, "it holds at least one"),
    ({"watched_buckets": [{"name": "cold", "prefix": "é" * 513}]}, "'1026 bytes', but S3 keys have"),
    ({"name_prefix": "Thaw"}, "thaw:name_prefix is 'Thaw', but it has 2 to 24 lower-case"),
    ({"name_prefix": "t" * 25}, "it has 2 to 24 lower-case"),
    ({"log_retention_days": 31}, "thaw:log_retention_days is 31, but CloudWatch Logs takes 1, 3, 5"),
    ({"import_files": {"bucket": "manifests", "prefix": "x"}}, "it is empty or ends in /"),
    ({"import_files": {"prefix": "x/"}}, "thaw:import_files lacks 'bucket'"),
    ({"copy_rules": [{"source_bucket": "cold"}]}, "thaw:copy_rules: A copy rule has exactly"),
    ({"alarm_email": "me"}, "thaw:alarm_email is 'me', but it is an e-mail address"),
    ({"alarm_topic_arn": "alarms"}, "it is the ARN of an SNS topic"),
    ({"untracked_events_per_hour": 0}, "thaw:untracked_events_per_hour is 0, but the limits are 1 to"),
    ({"tags": {"aws:x": "y"}}, "aws: and application, deployment are taken; rename or shorten it."),
    ({"tags": {"deployment": "y"}}, "thaw:tags.deployment is 'y'"),
    ({"tags": {"team": 4711}}, "thaw:tags.team is 4711, but its type is string"),
    ({"tags": {str(i): "" for i in range(49)}}, "thaw:tags is '49 tags', but there is room for 48"),
]


@pytest.mark.parametrize(("values", "part"), REFUSED)
def test_bad_values_are_refused_with_key_value_and_limit(values: dict[str, Any], part: str) -> None:
    assert part in refusal(values)


def test_two_ways_to_be_told_of_alarms_are_one_too_many() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:alarms"
    assert Settings.parse({"alarm_topic_arn": topic}).alarm_topic_arn == topic
    assert "set one of the two." in refusal({"alarm_topic_arn": topic, "alarm_email": "me@example.org"})


def test_a_bucket_watched_twice_is_refused() -> None:
    twice = [{"name": "cold"}, {"name": "cold", "watch": ["copies"]}]
    assert refusal({"watched_buckets": twice}).startswith(
        "thaw:watched_buckets is 'cold', but a bucket stands there once; join its entries"
    )


def test_copies_into_an_unwatched_bucket_would_never_be_seen_and_are_refused() -> None:
    rule = {
        "source_bucket": "cold",
        "source_prefix": "",
        "destination_bucket": "warm",
        "destination_prefix": "",
    }
    assert refusal({"copy_rules": [rule], "watched_buckets": [{"name": "warm"}]}) == (
        "thaw:copy_rules is 'warm', but no copy into a bucket is seen unless it is watched for copies; add"
        " {name: warm, watch: [copies]} to watched_buckets."
    )


def test_copy_rules_that_no_function_s_environment_holds_are_refused_before_the_first_resource() -> None:
    def values(rules: int) -> dict[str, Any]:
        rule = {"source_bucket": "cold", "destination_bucket": "warm", "destination_prefix": ""}
        return {
            "watched_buckets": [{"name": "warm", "watch": ["copies"]}],
            "copy_rules": [{**rule, "source_prefix": f"{number:05}/"} for number in range(rules)],
        }

    each = len(copy_rules_text(Settings.parse(values(2)).copy_rules)) // 2
    assert len(Settings.parse(values(limits.MAX_COPY_RULES_BYTES // each - 1)).copy_rules) > 30
    assert refusal(values(limits.MAX_COPY_RULES_BYTES // each + 1)).endswith(
        "bytes as JSON', but there is room for 3500 in the function's environment; join rules under a prefix"
        " that they have in common."
    )


def test_the_environment_of_the_function_fits_with_the_longest_names_and_rules() -> None:
    queue = f"https://sqs.ap-southeast-2.amazonaws.com.cn/123456789012/{Names('x' * 24).dead_letter_queue}"
    others = {
        "OBJECTS_TABLE": Names("x" * 24).objects_table,
        "ROLLUPS_TABLE": Names("x" * 24).rollups_table,
        "DEAD_LETTER_QUEUE_URL": queue,
        "COPY_RULES": "",
        "ROLLUP_SLOTS": "64",
        "MAX_RECEIVE_COUNT": "1000",
        "POWERTOOLS_SERVICE_NAME": Names("x" * 24).function,
        "POWERTOOLS_METRICS_NAMESPACE": "Thaw",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
    assert sum(map(len, (*others, *others.values()))) + limits.MAX_COPY_RULES_BYTES <= 4096


def test_config_text_becomes_values_of_the_key_s_type() -> None:
    assert from_config_text("k", "5", "integer") == 5
    assert from_config_text("k", "true", "boolean") is True
    assert from_config_text("k", '[{"name": "b"}]', "array") == [{"name": "b"}]
    assert from_config_text("k", "5", "string") == "5"


@pytest.mark.parametrize(("text", "shape"), [("five", "integer"), ("yes", "boolean"), ("[", "array")])
def test_config_text_of_another_type_is_refused(text: str, shape: Any) -> None:
    with pytest.raises(SettingsError, match=f"thaw:k is '.*', but its type is {shape}; correct it."):
        from_config_text("k", text, shape)
