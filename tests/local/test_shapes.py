"""A mend goes in the place of the very function it was written for, and of no other."""

from types import SimpleNamespace
from typing import Any

import pytest

from local.launcher import shapes


def greet(name: str) -> str:
    return f"hello {name}"


def louder(original: Any) -> Any:
    def mended(name: str) -> str:
        return f"{original(name)}!"

    return mended


def test_mends_of_one_function_are_stacked_on_its_own_digest() -> None:
    module = SimpleNamespace(__name__="module", greet=greet)
    digest = shapes.digest_of(greet)
    shapes.replace(module, "greet", digest, louder)
    shapes.replace(module, "greet", digest, louder)
    assert module.greet("you") == "hello you!!"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("greet", "module.greet is not the function of MiniStack .* expected 0123"),
        ("part", "source digest missing"),
    ],
)
def test_another_function_or_none_is_refused_and_named(name: str, sentence: str) -> None:
    module = SimpleNamespace(__name__="module", greet=greet)
    with pytest.raises(shapes.ShapeError, match=sentence):
        shapes.replace(module, name, "0123", louder)
    assert module.greet is greet
