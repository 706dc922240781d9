"""Every saved query on the live tables, through the connector's catalog, as a user with its policy alone."""

from typing import Any

import boto3
import pytest
from pyathena.error import DatabaseError

from analytics.schema import REPORTS, Origin
from local.emulator import Emulator
from tests.deployed.reporting import COMPLETED, KEYS, REQUESTED, ask, reporting_stack, restored, restoring
from tests.deployed.stack import JOB, Stack

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def stack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One object of three is restored."""
    events = restoring(REQUESTED), restored(COMPLETED, until="2099-01-01T00:00:00.000Z")
    return reporting_stack(emulator, tmp_path_factory.mktemp("job"), *events)


def asking(stack: Stack, name: str, policy: str | None) -> Any:
    """A connection of a new user with this policy and no other."""
    iam = stack.emulator.client("iam")
    iam.create_user(UserName=name)
    if policy is not None:
        iam.put_user_policy(UserName=name, PolicyName="query", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=stack.emulator.region)
    return ask(stack, session, catalog_name=stack.outputs["athena_data_catalog"])


@pytest.fixture(scope="module")
def analyst(stack: Stack) -> Any:
    return asking(stack, "analyst", stack.outputs["athena_query_policy"])


def saved(stack: Stack) -> dict[str, str]:
    """The saved queries of the work group by name."""
    client = stack.emulator.client("athena")
    ids = client.list_named_queries(WorkGroup=stack.outputs["athena_work_group"])["NamedQueryIds"]
    queries = client.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    return {query["Name"]: query["QueryString"] for query in queries}


@pytest.mark.parametrize("name", [name for name, each in REPORTS.items() if Origin.OBJECTS in each.origins])
def test_every_saved_query_gives_the_columns_of_its_report(stack: Stack, analyst: Any, name: str) -> None:
    cursor = analyst.cursor().execute(saved(stack)[name])
    described = [(column[0], column[1]) for column in cursor.description]
    assert described == [(column.name, column.kind.value) for column in REPORTS[name].columns]


def test_the_figures_are_those_of_the_records(stack: Stack, analyst: Any) -> None:
    progress = analyst.cursor().execute(saved(stack)["progress"]).fetchall()
    counted = {(row[0], row[1]): row[2] for row in progress if row[2]}
    assert counted == {(JOB, "PENDING"): 2, (JOB, "RESTORED"): 1}
    durations = analyst.cursor().execute(saved(stack)["restore_duration"]).fetchall()
    assert [(row[0], row[3], row[11]) for row in durations] == [(JOB, 1, 5.5 * 3600)]


def test_the_counters_are_declared_too(analyst: Any) -> None:
    query = "SELECT objects FROM rollups WHERE objects IS NOT NULL ORDER BY objects"
    assert analyst.cursor().execute(query).fetchall()[-1] == (len(KEYS),)


def test_without_the_policy_nobody_queries(stack: Stack) -> None:
    with pytest.raises(DatabaseError, match="not authorized to perform: athena:StartQueryExecution"):
        asking(stack, "stranger", None).cursor().execute("SELECT 1")


def test_the_policy_is_for_this_work_group_only(stack: Stack, analyst: Any) -> None:
    stack.emulator.client("athena").create_work_group(Name="another")
    with pytest.raises(DatabaseError, match="not authorized to perform: athena:StartQueryExecution"):
        analyst.cursor().execute("SELECT 1", work_group="another")


def test_the_connector_is_capped(stack: Stack) -> None:
    client = stack.emulator.client("lambda")
    cap = client.get_function_concurrency(FunctionName="thaw-athena-connector")
    assert cap.get("ReservedConcurrentExecutions") == 10
