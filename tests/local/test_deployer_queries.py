"""Buckets, queries and schedules of a program: made, changed, and gone again; stand-ins are told of."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.deployer import Deployment
from local.emulator import Emulator
from local.errors import DeployError
from tests.local.athena import PROGRAM

pytestmark = pytest.mark.emulator


@pytest.fixture
def deployment(emulator: Emulator) -> Iterator[Deployment]:
    """The program, not yet up; nothing of it is left behind."""
    deployment = Deployment(emulator, PROGRAM)
    yield deployment
    deployment.destroy()


def queries(emulator: Emulator) -> list[str]:
    client = emulator.client("athena")
    ids = client.list_named_queries(WorkGroup="group")["NamedQueryIds"]
    return [client.get_named_query(NamedQueryId=id_)["NamedQuery"]["QueryString"] for id_ in ids]


def test_another_up_changes_limits_lifecycle_schedule_and_saved_queries(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({})
    changes = {
        "days": 9,
        "megabytes": 50,
        "schedule": "rate(2 hours)",
        "sql": "SELECT 1",
        "price_type": "string",
    }
    deployment.up({**changes, "empty_on_delete": True})
    group: Any = emulator.client("athena").get_work_group(WorkGroup="group")["WorkGroup"]
    (rule,) = emulator.client("s3").get_bucket_lifecycle_configuration(Bucket="results").get("Rules", [])
    table = emulator.client("glue").get_table(DatabaseName="stock", Name="items")["Table"]
    columns = {
        each["Name"]: each.get("Type") for each in table.get("StorageDescriptor", {}).get("Columns", [])
    }
    assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 50_000_000
    assert group["Configuration"]["ResultConfiguration"]["OutputLocation"] == "s3://results/"
    assert rule.get("Expiration") == {"Days": 9}
    assert emulator.client("scheduler").get_schedule(Name="hourly")["ScheduleExpression"] == "rate(2 hours)"
    assert queries(emulator) == ["SELECT 1"]
    assert columns == {"id": "string", "price": "string"}


def test_destroy_leaves_nothing(emulator: Emulator) -> None:
    deployment = Deployment(emulator, PROGRAM)
    deployment.up({"empty_on_delete": True})
    emulator.client("s3").put_object(Bucket="results", Key="some/result.csv", Body=b"x")
    assert deployment.destroy() == []
    athena = emulator.client("athena")
    assert emulator.client("s3").list_buckets().get("Buckets") == []
    assert [group.get("Name") for group in athena.list_work_groups()["WorkGroups"]] == ["primary"]
    catalogs = [each.get("CatalogName") for each in athena.list_data_catalogs()["DataCatalogsSummary"]]
    assert catalogs == ["AwsDataCatalog"]
    assert emulator.client("glue").get_databases()["DatabaseList"] == []
    assert emulator.client("lambda").list_functions()["Functions"] == []
    assert emulator.client("scheduler").list_schedules()["Schedules"] == []


def test_a_bucket_with_objects_goes_only_if_it_may_be_emptied(
    emulator: Emulator, deployment: Deployment
) -> None:
    deployment.up({})
    emulator.client("s3").put_object(Bucket="results", Key="precious", Body=b"x")
    with pytest.raises(DeployError, match=r"Bucket results could not be deleted: .*BucketNotEmpty"):
        deployment.destroy()
    emulator.client("s3").delete_object(Bucket="results", Key="precious")


def test_what_is_stood_in_for_is_told(deployment: Deployment) -> None:
    deployment.up({})
    told = {each.type.rpartition(":")[2]: each.reason for each in deployment.not_hosted}
    assert "stands in" in told["CloudFormationStack applicationId"]
    assert "not measured" in told["Workgroup configuration.bytesScannedCutoffPerQuery"]


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"trusted": "lambda.amazonaws.com"}, "scheduling does not trust scheduler.amazonaws.com"),
        ({"action": "lambda:GetFunction"}, "may not lambda:InvokeFunction on arn:aws:lambda:.*:scheduled"),
    ],
)
def test_a_schedule_needs_a_role_that_may_invoke(
    deployment: Deployment, config: dict[str, str], sentence: str
) -> None:
    with pytest.raises(DeployError, match=sentence):
        deployment.up(config)
