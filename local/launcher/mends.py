"""All mends of the emulator, in the order in which they have to be made."""

import importlib
import os
from pathlib import Path
from typing import Any

import access
import archives
import batch_operations
import catalogs
import copies
import executions
import gateways
import glacier_vaults
import mappings
import notifications
import queries
import restores
import schedules
import shapes
import uploads
import workers


def apply() -> None:
    """Mends the emulator's modules. Raises ShapeError for one that is not the one it was written for."""
    s3, eventbridge, lambda_service = (_service(name) for name in ("s3", "eventbridge", "lambda_svc"))
    iam_evaluator, iam_actions = _module("core.iam_evaluator"), _module("core.iam_actions")
    _s3(s3)
    uploads.listed_uploads_name_who_began_them(s3, iam_evaluator)
    _events(s3, eventbridge)
    mappings.batches_may_exceed_ten_messages(_service("sqs"))
    mappings.an_unknown_item_identifier_fails_the_batch(lambda_service)
    _step_functions(_service("stepfunctions"))
    gateways.functions_are_invoked_only_with_their_leave(_service("apigateway_v1"), lambda_service)
    _workers(_module("core.lambda_runtime"), lambda_service)
    _access(iam_evaluator, iam_actions)
    batch_operations.jobs_are_created_and_run(_module("app"), s3, iam_evaluator, iam_actions, os.environ)
    responses, sns = _module("core.responses"), _service("sns")
    glacier_vaults.vaults_are_hosted(_module("app"), sns, responses, os.environ)
    permissions = access.Permissions(iam_evaluator, iam_actions, os.environ)
    athena, glue, dynamodb = (_service(name) for name in ("athena", "glue", "dynamodb"))
    _athena(catalogs.Services(athena, glue, dynamodb, lambda_service, permissions), iam_actions)


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.{name}")


def _service(name: str) -> Any:
    return _module(f"services.{name}")


def _s3(s3: Any) -> None:
    shapes.handlers_see_their_request(s3)
    restores.restores_take_the_time_we_choose(s3, os.environ)
    restores.restores_act_on_the_version_asked_for(s3)
    restores.stored_versions_know_their_restore(s3)
    restores.one_clock_times_all_restores(s3)
    restores.a_lapsed_restore_is_forgotten_by_its_version(s3)
    restores.expedited_is_refused_for_deep_archive(s3)
    archives.listings_show_the_restore_status_when_asked(s3)
    archives.archived_objects_are_not_copied(s3)
    archives.copies_are_standard_unless_told_otherwise(s3)
    copies.copies_obey_their_conditions(s3)
    copies.more_than_5_gib_are_not_copied_at_once(s3)
    copies.objects_may_pretend_to_be_large(s3)


def _events(s3: Any, eventbridge: Any) -> None:
    notifications.eventbridge_events_are_complete(s3, eventbridge)
    # Outermost, so that the mend before it sees the version.
    notifications.restore_events_name_their_version(s3)
    notifications.overlapping_rules_are_refused(s3)
    schedules.schedules_are_looked_at_often(_service("scheduler"))
    schedules.schedules_tell_their_target_when_they_were_due(eventbridge)


def _access(iam_evaluator: Any, iam_actions: Any) -> None:
    access.plain_http_here_counts_as_secure(iam_evaluator)
    access.a_batch_is_judged_as_what_is_in_it(iam_actions)
    access.events_are_judged_by_their_source(iam_actions)
    access.a_simulation_knows_the_context_that_it_is_given(_service("iam"), iam_evaluator)


def _workers(lambda_runtime: Any, lambda_service: Any) -> None:
    workers.workers_share_the_code_of_their_function(lambda_runtime, Path.cwd() / "unpacked")
    workers.what_a_function_raises_is_named_by_its_class(lambda_runtime, lambda_service)
    batch_operations.workers_find_the_service(lambda_runtime)


def _step_functions(states: Any) -> None:
    executions.a_running_execution_is_started_only_once(states)
    executions.a_child_that_cannot_be_started_fails_as_the_sdk_puts_it(states)
    executions.a_child_execution_is_waited_for_as_any_other(states)
    executions.a_path_says_how_many_items_are_under_way(states)
    executions.a_result_may_not_be_larger_than_a_state_may_hold(states)


def _athena(services: catalogs.Services, iam_actions: Any) -> None:
    queries.queries_find_tables_by_their_names(services)
    queries.a_look_at_a_query_waits_for_it_a_little(services.athena)
    queries.work_groups_are_enforced(services.athena)
    queries.results_are_where_they_are_said_to_be(services)
    queries.results_are_read_with_the_rights_of_the_caller(services)
    access.athena_calls_are_judged_on_what_they_are_about(iam_actions, services.athena)
