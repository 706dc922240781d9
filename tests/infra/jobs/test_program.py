"""What `pulumi up` would create for jobs, recorded under mocks."""

import json
from dataclasses import replace
from typing import Any

import pytest

from infra.jobs.functions import API_FUNCTION, FUNCTIONS
from infra.jobs.storage import FIXED
from infra.names import Names
from infra.state_machines.definitions import MACHINES
from lambdas.job_settings import JobSettings
from tests.infra.jobs.recorded import CONFIG, full, reduced, with_key
from tests.infra.recording import ROOT, Recorded, Resource, record
from tests.infra.test_program import FULL, TAGS, takes_tags
from thaw.core.job_rules import JobRules

FOLDERS = (*FUNCTIONS, API_FUNCTION)
each_function = pytest.mark.parametrize("folder", FOLDERS)


def logical(folder: str) -> str:
    return folder.replace("_", "-")


def made(recorded: Recorded) -> dict[str, Resource]:
    """The resources by URN; in which order one waits for others is no matter, nor where archives lie."""
    return {
        each.urn: replace(
            each,
            dependencies=sorted(set(each.dependencies)),
            inputs={key: value for key, value in each.inputs.items() if key not in ("code", "source")},
        )
        for each in recorded.resources
    }


def test_a_stack_without_restore_buckets_has_nothing_of_jobs_whatever_else_is_set() -> None:
    others = {key: value for key, value in CONFIG.items() if key not in {*FULL, "restore_buckets"}}
    assert {"copy_destinations", "kms_key_arns", "progress_email"} <= others.keys()
    without, beside = record(FULL), record(FULL | others)
    assert made(beside) == made(without)
    assert beside.outputs == without.outputs
    assert not [each.name for each in without.resources if each.type.startswith("thaw:jobs:")]
    assert not {"jobs_table", "job_api_url", "job_rules"} & without.outputs.keys()


def test_jobs_change_nothing_of_what_was_there_but_what_they_need() -> None:
    before = made(record({key: value for key, value in CONFIG.items() if key != "restore_buckets"}))
    now = made(full())
    changed = {urn.rsplit("::", 1)[-1] for urn, resource in before.items() if resource != now.get(urn)}
    assert changed == {"function", "role-policy", "queue-policy", "dashboard"}, (
        "the tracker has copies made, another bucket may send, and the dashboard shows more"
    )


def test_a_preview_registers_the_same_resources() -> None:
    preview = record(CONFIG, preview=True)
    assert {each.urn for each in preview.resources} == {each.urn for each in full().resources}


def test_type_and_name_tell_resources_apart() -> None:
    keys = [(each.type, each.name) for each in full().resources]
    assert len(set(keys)) == len(keys), "the deployer of local/ knows no parents"


def test_every_component_completes_and_every_other_resource_has_one() -> None:
    components = {each.urn for each in with_key().resources if each.type.startswith("thaw:")}
    assert components <= with_key().completed_components
    assert all(each.parent in components for each in with_key().resources if each.urn not in components)


def test_everything_that_takes_tags_has_them() -> None:
    taggable = [e for e in with_key().resources if e.type.startswith("aws:") and takes_tags(e.type)]
    untagged = {each.name for each in taggable if each.inputs.get("tags") != TAGS}
    assert untagged == {"prepare_job-layer-zip"}, "S3 takes ten tags of an object, a stack may have fifty"


def test_the_jobs_table_is_on_demand_encrypted_recoverable_protected_and_found_by_its_indexes() -> None:
    table = full().one("dynamodb/table:Table", "jobs")
    assert table.protect
    assert table.ignore_changes == FIXED
    assert table.inputs["deletionProtectionEnabled"] is True
    assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == ("job_id", "item")
    assert table.inputs["pointInTimeRecovery"] == table.inputs["serverSideEncryption"] == {"enabled": True}
    keys = {
        each["name"]: [key["attributeName"] for key in each["keySchemas"]]
        for each in table.inputs["globalSecondaryIndexes"]
    }
    assert keys == {"active": ["active", "job_id"], "states": ["item", "created_at"]}
    assert {each["projectionType"] for each in table.inputs["globalSecondaryIndexes"]} == {"ALL"}
    named = {each["name"] for each in table.inputs["attributes"]}
    assert named == {"job_id", "item", "active", "created_at"}


def test_what_is_of_no_use_any_more_leaves_the_jobs_table_by_itself() -> None:
    ttl = full().one("dynamodb/table:Table", "jobs").inputs["ttl"]
    assert ttl == {"attributeName": "expires_at_seconds", "enabled": True}


def test_an_unprotected_jobs_table_can_go() -> None:
    table = reduced().one("dynamodb/table:Table", "jobs")
    assert not table.protect
    assert table.inputs["deletionProtectionEnabled"] is False


def test_the_jobs_bucket_is_private_plainly_encrypted_and_forgets_the_files_of_jobs() -> None:
    bucket = full().one("s3/bucket:Bucket", "jobs").inputs
    assert bucket["bucket"] == "thaw-jobs-123456789012-eu-central-1"
    assert bucket["forceDestroy"] is False
    rules = full().one("BucketServerSideEncryptionConfiguration", "jobs-encryption").inputs["rules"]
    algorithm = rules[0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
    assert algorithm == "AES256", "Batch Operations reads no manifest under KMS"
    lifecycle = full().one("BucketLifecycleConfiguration", "jobs-lifecycle").inputs["rules"]
    expiring = {each["filter"]["prefix"]: each.get("expiration") for each in lifecycle}
    assert expiring == {"": None, "jobs/": {"days": 365}}


def test_a_given_jobs_bucket_is_used_as_it_is() -> None:
    given = reduced()
    assert given.outputs["jobs_bucket"] == "theirs"
    assert "jobs" not in {each.name for each in given.of_type("s3/bucket:Bucket")}
    assert given.one("s3/bucketObjectv2:BucketObjectv2").inputs["bucket"] == "theirs"


def test_copies_wait_for_six_function_timeouts_and_end_in_a_queue_that_keeps_them_longer() -> None:
    queue = full().one("sqs/queue:Queue", "copies-queue").inputs
    dead_letters = full().one("sqs/queue:Queue", "copies-dead-letter-queue").inputs
    function = full().one("lambda/function:Function", "copy-objects").inputs
    assert queue["visibilityTimeoutSeconds"] == 6 * function["timeout"] == 5400
    assert dead_letters["messageRetentionSeconds"] > queue["messageRetentionSeconds"] >= 7 * 24 * 3600
    redrive = json.loads(full().one("RedrivePolicy", "copies-redrive-policy").inputs["redrivePolicy"])
    variables = function["environment"]["variables"]
    assert redrive["maxReceiveCount"] == int(variables["COPY_MAX_RECEIVE_COUNT"])
    assert redrive["deadLetterTargetArn"].endswith(":thaw-copies-dead-letter")


def test_copies_are_made_by_so_many_functions_at_most() -> None:
    mapping = reduced().one("EventSourceMapping", "copies-to-copy-objects")
    assert mapping.inputs["scalingConfig"] == {"maximumConcurrency": 7}
    assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping.inputs["eventSourceArn"].endswith(":thaw-copies")


def test_the_tracker_learns_which_jobs_copy_and_where_to() -> None:
    from lambdas.track_events.settings import Settings

    variables = full().one("lambda/function:Function", "function").inputs["environment"]["variables"]
    assert variables["JOBS_TABLE"] == "thaw-jobs"
    assert variables["COPY_QUEUE_URL"].endswith("/thaw-copies")
    Settings.from_environment(variables)


def test_the_buckets_of_jobs_are_followed_for_their_restores_alone() -> None:
    cold = full().one("BucketNotifications", "cold-notifications").inputs
    assert (cold["prefix"], cold["eventbridge"]) == ("2019/", False)
    assert {event.split(":")[1] for event in cold["events"]} == {"ObjectRestore"}, (
        "a copy in place is copied when the copier has checked it, not when S3 has made it"
    )
    assert full().one("BucketNotifications", "tapes-notifications").inputs["eventbridge"] is True


@each_function
def test_a_function_is_of_its_folder_and_there_after_its_log_and_its_rights(folder: str) -> None:
    function = full().one("lambda/function:Function", logical(folder))
    assert function.inputs["name"] == f"thaw-{logical(folder)}"
    assert function.inputs["handler"] == f"lambdas.{folder}.handler.handler"
    assert (ROOT / "lambdas" / folder / "handler.py").is_file()
    log_group = full().one("LogGroup", f"{logical(folder)}-log-group")
    assert log_group.inputs["name"] == f"/aws/lambda/thaw-{logical(folder)}"
    assert log_group.inputs["retentionInDays"] == 90
    assert {log_group.urn, full().one("RolePolicy", f"{logical(folder)}-role-policy").urn} <= set(
        function.dependencies
    )


@each_function
def test_a_function_s_environment_is_what_its_settings_read(folder: str) -> None:
    variables = full().one("lambda/function:Function", logical(folder)).inputs["environment"]["variables"]
    JobSettings.from_environment(variables)
    assert variables["POWERTOOLS_SERVICE_NAME"] == f"thaw-{logical(folder)}"


def test_the_environment_holds_the_rules_and_the_arns_of_what_is_there() -> None:
    variables = full().one("lambda/function:Function", "start-job").inputs["environment"]["variables"]
    rules = JobRules.from_json(variables["JOB_RULES"])
    assert (rules.restore_buckets, rules.eventbridge_buckets) == (("cold", "tapes"), ("tapes",))
    assert rules.to_json() == full().outputs["job_rules"]
    assert variables["BATCH_ROLE_ARN"] == "arn:aws:iam::123456789012:role/thaw-batch-restore"
    assert full().one("iam/role:Role", "batch-role").inputs["name"] == "thaw-batch-restore"
    assert variables["EVENT_QUEUE_ARN"].endswith(":thaw-events")
    assert variables["PROGRESS_TOPIC_ARN"] == full().outputs["progress_topic_arn"]
    machines = {each.inputs["name"] for each in full().of_type("StateMachine")}
    named = [arn.rsplit(":", 1)[-1] for name, arn in variables.items() if name.endswith("_MACHINE_ARN")]
    assert len(named) == 3
    assert set(named) <= machines == {f"thaw-{purpose}" for purpose in MACHINES}


def test_the_environment_fits_with_the_longest_names_and_rules() -> None:
    from infra.jobs.function import environment
    from infra.jobs.functions import variables
    from infra.limits import MAX_JOB_RULES_BYTES
    from infra.names import Place

    names, place = Names("x" * 24), Place("aws-us-gov", "ap-southeast-10", "123456789012")
    url = f"https://sqs.{place.region}.amazonaws.com.cn/{place.account}/{names.copy_queue}"
    rules = JobRules(place.region)
    common = variables(
        names=names, place=place, jobs_bucket="x" * 63, copy_queue_url=url, rules=rules, rollup_slots=64
    )
    everything = environment(common, names.job_function("request_restores"))
    bytes_used = sum(map(len, (*everything, *everything.values()))) - len(rules.to_json())
    assert bytes_used + MAX_JOB_RULES_BYTES <= 4096


def test_the_layer_goes_through_an_object_whose_key_says_what_is_in_it() -> None:
    archive = full().one("s3/bucketObjectv2:BucketObjectv2").inputs
    layer = full().one("LayerVersion", "prepare_job-layer").inputs
    assert (layer["s3Bucket"], layer["s3Key"]) == (archive["bucket"], archive["key"])
    assert archive["key"].startswith("layers/"), "outside of what expires"
    assert not set("+=") & set(archive["key"])
    functions = full().of_type("lambda/function:Function")
    using = [
        each.name for each in functions if any("prepare" in arn for arn in each.inputs.get("layers", []))
    ]
    assert using == ["prepare-job"]


def test_machines_are_made_after_their_roles_may_act_and_log_what_fails_without_its_data() -> None:
    for purpose in MACHINES:
        machine = full().one("StateMachine", f"{purpose}-machine")
        assert full().one("RolePolicy", f"{purpose}-machine-policy").urn in machine.dependencies
        logging = machine.inputs["loggingConfiguration"]
        assert (logging["level"], logging["includeExecutionData"]) == ("ERROR", False)
        assert logging["logDestination"].endswith(f"/aws/vendedlogs/states/thaw-{purpose}:*")
        assert json.loads(machine.inputs["definition"])["StartAt"]


def test_the_watcher_and_the_sweep_have_schedules_whose_role_may_do_that_alone() -> None:
    schedules = {each.inputs["name"]: each.inputs for each in full().of_type("scheduler/schedule:Schedule")}
    watch, sweep = schedules["thaw-watch-jobs"], schedules["thaw-sweep-copies"]
    assert (watch["scheduleExpression"], sweep["scheduleExpression"]) == ("rate(1 minute)", "rate(6 hours)")
    policy = json.loads(full().one("RolePolicy", "job-scheduler-policy").inputs["policy"])
    assert [(s["Action"], s["Resource"]) for s in policy["Statement"]] == [
        (["lambda:InvokeFunction"], [watch["target"]["arn"]]),
        (["states:StartExecution"], sweep["target"]["arn"]),
    ]


def test_no_sweep_is_scheduled_where_none_is_wanted() -> None:
    without = reduced()
    assert "sweep-copies-schedule" not in {each.name for each in without.resources}
    policy = json.loads(without.one("RolePolicy", "job-scheduler-policy").inputs["policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["CallWatchers"]


def test_progress_is_mailed_to_who_wants_it() -> None:
    assert full().one("TopicSubscription", "progress-email").inputs["endpoint"] == "me@example.org"
    assert reduced().of_type("TopicSubscription") == []


OUTPUTS: dict[str, Any] = {
    "jobs_table": "thaw-jobs",
    "jobs_bucket": "thaw-jobs-123456789012-eu-central-1",
    "progress_topic_arn": "arn:aws:sns:eu-central-1:123456789012:thaw-progress",
    "copy_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/thaw-copies",
    "copy_dead_letter_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/thaw-copies-dead-letter",
    "job_api_key_id": "",
}


def test_the_stack_says_where_everything_is() -> None:
    outputs = full().outputs
    assert {name: outputs[name] for name in OUTPUTS} == OUTPUTS
    assert outputs["create_job_machine_arn"].endswith(":thaw-create-job")
    assert outputs["restore_bucket_machine_arn"].endswith(":thaw-restore-bucket")
    assert outputs["job_api_url"] == "https://api.execute-api.eu-central-1.amazonaws.com/v1"
    assert with_key().outputs["job_api_key_id"] == "job-api-key-id"
