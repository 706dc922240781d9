"""Dynamic providers as the engine runs them: `python -m pulumi.dynamic`, spoken to over gRPC."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.infra.recording import ROOT, Recorded, Resource, record, record_into

CONFIG: dict[str, Any] = {
    "watched_buckets": [{"name": "archive"}],
    "import_files": {"bucket": "manifests", "prefix": "x/"},
    "restore_buckets": [{"name": "archive"}],
}
MOTO = "import moto; moto.mock_aws().start(); import runpy; runpy.run_module('pulumi.dynamic')"
"""The engine's command, with AWS played by moto within the process."""


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record(CONFIG)


@pytest.fixture(scope="module")
def engine() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """A provider process in the project's folder, without the environment of this one."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", MOTO],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


def dynamic_resources(recorded: Recorded) -> list[Resource]:
    return [each for each in recorded.resources if each.type.startswith("pulumi-python:")]


def test_every_kind_of_ours_is_there(recorded: Recorded) -> None:
    assert {each.type for each in dynamic_resources(recorded)} == {
        "pulumi-python:dynamic/thaw:TableSafeguard",
        "pulumi-python:dynamic/thaw:JobRegistration",
        "pulumi-python:dynamic/thaw:BucketNotifications",
        "pulumi-python:dynamic/thaw:FunctionConcurrency",
        "pulumi-python:dynamic/thaw:ApiLogRole",
    }


def test_serialised_providers_hold_no_secret_and_do_not_change_from_run_to_run(recorded: Recorded) -> None:
    anew = Recorded()
    record_into(anew, CONFIG)
    again = {each.urn: each.inputs["__provider"] for each in dynamic_resources(anew)}
    for each in dynamic_resources(recorded):
        assert isinstance(each.inputs["__provider"], str)
        assert again[each.urn] == each.inputs["__provider"], "another text would be a change in every preview"
        assert len(again[each.urn]) < 1000, "classes are named, not copied into the state"


def test_each_runs_in_the_engine_s_process(recorded: Recorded, engine: Any) -> None:
    for each in dynamic_resources(recorded):
        same = provider_pb2.CheckRequest(olds=struct(each.inputs), news=struct(each.inputs))
        assert list(engine.Check(same).failures) == [], each.name


def test_a_refusal_comes_out_of_the_engine_s_process_as_a_sentence(recorded: Recorded, engine: Any) -> None:
    safeguard = recorded.one("TableSafeguard", "objects-safeguard")
    renamed = {**safeguard.inputs, "wanted_name": "melt-objects"}
    request = provider_pb2.CheckRequest(olds=struct(safeguard.inputs), news=struct(renamed))
    (failure,) = engine.Check(request).failures
    assert failure.reason.startswith("thaw:name_prefix would rename the table thaw-objects to melt-objects")


def test_creation_reaches_aws_from_the_engine_s_process(recorded: Recorded, engine: Any) -> None:
    safeguard = recorded.one("TableSafeguard", "objects-safeguard")
    with pytest.raises(grpc.RpcError) as caught:
        engine.Create(provider_pb2.CreateRequest(properties=struct(safeguard.inputs)))
    assert "(ResourceNotFoundException) when calling the DescribeTable operation" in str(caught.value)
