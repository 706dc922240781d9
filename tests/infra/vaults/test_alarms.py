"""When somebody is told that vault transfers need looking after, and what their dashboard shows."""

import json
from typing import Any

from infra.metrics import Metric
from infra.state_machines.definitions import VAULT_MACHINES
from infra.vaults import dashboard
from infra.vaults.alarms import LATE_HOURS
from tests.infra.jobs.recorded import full, with_vaults
from tests.infra.recording import ROOT, Resource
from thaw.core.archives import WINDOW_HOURS


def alarms() -> dict[str, Resource]:
    before = {each.name for each in full().of_type("MetricAlarm")}
    return {each.name: each for each in with_vaults().of_type("MetricAlarm") if each.name not in before}


def metrics_of(alarm: Resource) -> list[tuple[str, ...]]:
    """Namespace, name, dimension and value of each metric of an alarm."""
    queries = alarm.inputs.get("metricQueries", [{"metric": alarm.inputs}])
    given = [query["metric"] for query in queries if "metric" in query]
    return [(each["namespace"], each["metricName"], *sum(each["dimensions"].items(), ())) for each in given]


def test_the_alarms_are_those_of_the_design() -> None:
    machine = "arn:aws:sfn:eu-central-1:123456789012:thaw-{}"
    ends = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    assert {name: metrics_of(alarm) for name, alarm in alarms().items()} == {
        "vault-workflows-failed": [
            ("AWS/States", end, "StateMachineArn", machine.format(purpose))
            for purpose in VAULT_MACHINES
            for end in ends
        ],
        "archives-dead-letters": [
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "thaw-archives-dead-letter")
        ],
        "archives-late": [("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "thaw-archives")],
        "archive-transfer-errors": [("AWS/Lambda", "Errors", "FunctionName", "thaw-transfer-archives")],
        "vaults-not-watched": [
            ("Thaw", "VaultsNotWatched", "service", "thaw-watch-vaults"),
            ("AWS/Lambda", "Errors", "FunctionName", "thaw-watch-vaults"),
        ],
        "vaults-paused": [("Thaw", "VaultsPaused", "service", "thaw-watch-vaults")],
        "vault-watcher-missing": [("AWS/Lambda", "Invocations", "FunctionName", "thaw-watch-vaults")],
    }


def test_an_alarm_on_several_metrics_adds_them_up_and_is_no_more_than_cloudwatch_takes() -> None:
    summed = [alarm.inputs for alarm in alarms().values() if "metricQueries" in alarm.inputs]
    assert len(summed) == 2
    for inputs in summed:
        assert not {"metricName", "namespace", "statistic", "period", "dimensions"} & inputs.keys()
        total, *metrics = inputs["metricQueries"]
        assert (total["expression"], total["returnData"]) == ("SUM(METRICS())", True)
        assert len(metrics) <= 10
        assert not [each for each in metrics if each.get("returnData")]
        assert len({each["id"] for each in inputs["metricQueries"]}) == len(metrics) + 1
        assert {(each["metric"]["stat"], each["metric"]["period"]) for each in metrics} == {("Sum", 300)}


def test_an_archive_is_late_while_there_is_time_to_transfer_it() -> None:
    assert alarms()["archives-late"].inputs["threshold"] == LATE_HOURS * 3600 < WINDOW_HOURS * 3600 / 2


def test_silence_is_an_alarm_where_something_should_have_run() -> None:
    alarm = alarms()["vault-watcher-missing"].inputs
    assert (alarm["comparisonOperator"], alarm["treatMissingData"]) == ("LessThanThreshold", "breaching")


def body() -> dict[str, Any]:
    return json.loads(with_vaults().one("Dashboard", "vault-dashboard").inputs["dashboardBody"])


def shown() -> set[tuple[str, ...]]:
    return {tuple(metric) for widget in body()["widgets"] for metric in widget["properties"]["metrics"]}


def test_the_dashboard_shows_every_alarmed_metric() -> None:
    for alarm in alarms().values():
        assert set(metrics_of(alarm)) <= shown(), alarm.name


def test_one_transfer_is_chosen_among_those_that_were_measured() -> None:
    (variable,) = body()["variables"]
    assert variable == {
        "type": "property",
        "property": "JobId",
        "inputType": "select",
        "id": "job",
        "label": "Transfer",
        "visible": True,
        "defaultValue": "__FIRST",
        "search": '{Thaw,service,JobId} MetricName="ArchivesCopied" service="thaw-watch-vaults"',
        "populateFrom": "JobId",
    }
    of_one = [metric for metric in shown() if "JobId" in metric]
    assert len(of_one) == sum(len(metrics) for _, metrics in dashboard.OF_A_TRANSFER.values())
    for metric in of_one:
        assert metric[2:] == ("service", "thaw-watch-vaults", "JobId", "-"), "the dimensions as searched for"


def test_widgets_stand_side_by_side_and_are_no_more_than_a_dashboard_holds() -> None:
    places = [(widget["x"], widget["y"]) for widget in body()["widgets"]]
    assert len(set(places)) == len(places) <= 500
    assert {widget["properties"]["region"] for widget in body()["widgets"]} == {"eu-central-1"}


def test_the_stack_s_dashboard_is_as_it_was() -> None:
    assert with_vaults().one("Dashboard", "dashboard").inputs == full().one("Dashboard", "dashboard").inputs


def test_what_is_shown_of_the_watcher_is_what_it_publishes() -> None:
    folders = (ROOT / "lambdas/watch_vaults", ROOT / "thaw/vaults", ROOT / "thaw/core")
    source = "".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    kinds = {f"{kind}{status}" for kind in ("Archives", "Bytes") for status in dashboard.STATUSES}
    for namespace, name, *_ in shown():
        if namespace == "Thaw" and name not in kinds:
            assert f'"{name}"' in source, name


def test_a_metric_says_its_dimensions_in_turn() -> None:
    metric = Metric("Thaw", "EtaSeconds", {"service": "w", "JobId": "-"})
    assert metric.in_dashboard == ["Thaw", "EtaSeconds", "service", "w", "JobId", "-"]
