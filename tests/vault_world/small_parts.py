"""Archives of a few MiB go in several parts and groups, so that tests of large ones need no large ones."""

import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from unittest.mock import patch

import moto.s3.models

from thaw.core import archive_parts

MIB = 2**20
_SMALL = {"ONE_PART": MIB, "RANGE_BYTES": MIB, "IN_PARTS_BYTES": 4 * MIB}


@contextmanager
def of_one_mib(group_parts: int) -> Generator[None]:
    """Parts and ranges have 1 MiB, groups `group_parts` parts; one call of a function transfers 4 MiB itself.

    S3 takes parts as small as that. Who takes a number from another module has to be imported."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(moto.s3.models, "S3_UPLOAD_PART_MIN_SIZE", 1))
        for module in _those_that_know():
            for name, value in {**_SMALL, "GROUP_PARTS": group_parts}.items():
                if hasattr(module, name):
                    stack.enter_context(patch.object(module, name, value))
        yield


def _those_that_know() -> list[ModuleType]:
    """The module of the parts, and every one that took a number from it."""
    names = ("thaw.vaults.", "lambdas.transfer")
    others = [module for name, module in list(sys.modules.items()) if name.startswith(names)]
    return [archive_parts, *others]
