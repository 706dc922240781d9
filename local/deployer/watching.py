"""EventBridge rules and targets, CloudWatch alarms and dashboards."""

from typing import Any

from local.deployer.handlers import Inputs, Outputs, handler
from local.deployer.shapes import tag_list
from local.emulator import Emulator

_ALARM = {
    "alarmDescription": "AlarmDescription",
    "namespace": "Namespace",
    "metricName": "MetricName",
    "statistic": "Statistic",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "comparisonOperator": "ComparisonOperator",
    "threshold": "Threshold",
    "treatMissingData": "TreatMissingData",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
}

_QUERIES = (
    "metricQueries.id metricQueries.expression metricQueries.label metricQueries.returnData"
    " metricQueries.metric.namespace metricQueries.metric.metricName metricQueries.metric.period"
    " metricQueries.metric.stat metricQueries.metric.dimensions"
)


def _put_rule(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    answer = emulator.client("events").put_rule(
        Name=inputs["name"],
        Description=inputs["description"],
        EventPattern=inputs["eventPattern"],
        Tags=tag_list(inputs),
    )
    return inputs["name"], {"arn": answer["RuleArn"]}


def _delete_rule(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("events").delete_rule(Name=inputs["name"])


def _put_target(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("events").put_targets(
        Rule=inputs["rule"], Targets=[{"Id": inputs["targetId"], "Arn": inputs["arn"]}]
    )
    return f"{inputs['rule']}-{inputs['targetId']}", {}


def _delete_target(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("events").remove_targets(Rule=inputs["rule"], Ids=[inputs["targetId"]])


def _put_alarm(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    client: Any = emulator.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=inputs["name"],
        Tags=tag_list(inputs),
        **measured(inputs),
        **{aws: inputs[ours] for ours, aws in _ALARM.items() if ours in inputs},
    )
    alarms = client.describe_alarms(AlarmNames=[inputs["name"]])["MetricAlarms"]
    return inputs["name"], {"arn": alarms[0]["AlarmArn"]}


def measured(inputs: Inputs) -> dict[str, Any]:
    """What the alarm looks at besides its attributes: a metric's dimensions, or an expression."""
    if "metricQueries" in inputs:
        return {"Metrics": [_query(each) for each in inputs["metricQueries"]]}
    return {"Dimensions": _dimensions(inputs)}


def _query(inputs: Inputs) -> dict[str, Any]:
    query: dict[str, Any] = {"Id": inputs["id"], "ReturnData": inputs.get("returnData", False)}
    if "metric" not in inputs:
        return query | {"Expression": inputs["expression"]}
    metric = inputs["metric"]
    named = {"Namespace": metric["namespace"], "MetricName": metric["metricName"]}
    statistic = {"Period": metric["period"], "Stat": metric["stat"]}
    return query | {"MetricStat": {"Metric": named | {"Dimensions": _dimensions(metric)}, **statistic}}


def _dimensions(inputs: Inputs) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in inputs.get("dimensions", {}).items()]


def _delete_alarm(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("cloudwatch").delete_alarms(AlarmNames=[inputs["name"]])


def _put_dashboard(emulator: Emulator, inputs: Inputs) -> tuple[str, Outputs]:
    emulator.client("cloudwatch").put_dashboard(
        DashboardName=inputs["dashboardName"], DashboardBody=inputs["dashboardBody"]
    )
    return inputs["dashboardName"], {}


def _delete_dashboard(emulator: Emulator, inputs: Inputs, _outputs: Outputs) -> None:
    emulator.client("cloudwatch").delete_dashboards(DashboardNames=[inputs["dashboardName"]])


HANDLERS = {
    "aws:cloudwatch/eventRule:EventRule": handler(
        "name description eventPattern tags", _put_rule, _delete_rule, repeatable=True
    ),
    "aws:cloudwatch/eventTarget:EventTarget": handler(
        "rule arn targetId", _put_target, _delete_target, repeatable=True
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": handler(
        f"name dimensions tags {' '.join(_ALARM)} {_QUERIES}", _put_alarm, _delete_alarm, repeatable=True
    ),
    "aws:cloudwatch/dashboard:Dashboard": handler(
        "dashboardName dashboardBody", _put_dashboard, _delete_dashboard, repeatable=True
    ),
}
