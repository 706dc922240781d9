"""A function that dies before or after any of its calls: the next delivery ends with the object, once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import thaw.vaults.parts
from tests.vaults.small_parts import PART, small_parts
from tests.vaults.transfers import JOB, World, content, reasons
from thaw.core.history import Status
from thaw.vaults import transferring
from thaw.vaults.large import Begun

SMALL, LARGE = content(PART - 5), content(PART + 3)


class _DiedError(BaseException):
    """The function was ended here."""


class Deaths:
    """Kills at the call that is `at`, from 0, before it is made or after it took effect."""

    def __init__(self, world: World, at: int, *, after: bool) -> None:
        self._world = world
        self._at, self._after = at, after
        self._number = -1
        self.killed = ""
        for client in (world.s3, world.dynamodb, world.glacier):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._answered)

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        self._number += 1
        context["number"] = self._number
        if not self._after:
            self._kill(model.name, self._number)

    def _answered(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._after:
            self._kill(model.name, context["number"])

    def _kill(self, name: str, number: int) -> None:
        if number == self._at:
            self.killed = name
            raise _DiedError(name)

    def over(self) -> None:
        """Nobody is killed any more."""
        for client in (self._world.s3, self._world.dynamodb, self._world.glacier):
            client.meta.events.unregister("before-call", self._before)
            client.meta.events.unregister("after-call", self._answered)


def killings(world: World, act: Callable[[], object], *, after: bool) -> Iterator[str]:
    """Kills `act` at its first call, then at its second, ..., until it is not killed any more; the name of
    each call. Between two, the caller does what becomes of a function that died."""
    for at in range(200):
        deaths = Deaths(world, at, after=after)
        try:
            act()
        except _DiedError:
            deaths.over()
            yield deaths.killed
            continue
        deaths.over()
        assert not deaths.killed, "a death is not an outcome"
        return
    pytest.fail("200 calls and no end")


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    small_parts(monkeypatch)
    for module in (transferring, thaw.vaults.parts):
        monkeypatch.setattr(module, "CONCURRENCY", 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
def test_a_batch_ends_the_same_wherever_it_died(world: World, body: bytes, *, after: bool) -> None:
    documents: list[dict[str, Any]] = []

    def prepared() -> None:
        line = len(documents)
        world.add(body, f"in/{line}")
        documents.append(world.retrieve(line))

    prepared()
    killed: list[str] = []
    for name in killings(world, lambda: world.deliver(documents[-1]), after=after):
        killed.append(name)
        line = len(documents) - 1
        assert reasons(world.deliver(documents[-1])) in (["Transferred"], ["Left"]), killed
        _assert_there(world, line, body)
        assert reasons(world.deliver(documents[-1])) == ["Left"]
        _end_rows(world)
        prepared()
    _assert_there(world, len(documents) - 1, body)
    assert {"BatchGetItem", "GetJobOutput", "TransactWriteItems"} <= set(killed)
    wanted = (
        {"PutObject"} if body is SMALL else {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
    )
    assert wanted <= set(killed)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_steps_end_the_same_wherever_they_died(world: World, *, after: bool) -> None:
    line = -1

    def prepared() -> None:
        nonlocal line
        line += 1
        world.add(LARGE, f"in/{line}")
        world.seconds = 60.0
        assert reasons(world.deliver(world.retrieve(line))) == ["Noted"]
        world.seconds = 900.0

    def steps() -> None:
        begun = world.large().begin(world.pointer(line))
        if isinstance(begun, Begun):
            for group in begun.groups:
                world.large().parts(world.pointer(line), begun.upload_id, group)
            world.large().complete(world.pointer(line), begun.upload_id)

    prepared()
    killed: list[str] = []
    for name in killings(world, steps, after=after):
        killed.append(name)
        steps()
        _assert_there(world, line, LARGE)
        _end_rows(world)
        prepared()
    _assert_there(world, line, LARGE)
    assert {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "TransactWriteItems"} <= set(
        killed
    )


def _assert_there(world: World, line: int, body: bytes) -> None:
    assert world.object(f"in/{line}") == body
    assert world.status(line) is Status.COPIED
    assert world.attribute(line, "destination") == f"s3://live/in/{line}"
    assert world.attribute(line, "checksum").startswith("SHA256:")
    assert not world.open_uploads()


def _end_rows(world: World) -> None:
    """As closing does with what a death after the record left."""
    landing = world.archives.landings.of(world.states.read(JOB).request, "in/any")
    for upload in list(world.uploads.rows.all(JOB)):
        world.uploads.end(upload, landing)
    assert not world.open_uploads()
