"""Imports point one way, the core is pure, and importing a module does no work.

__main__ -> infra -> thaw.core      lambdas -> thaw      analytics -> thaw
thaw.store, thaw.manifests -> thaw.core                  local -> everything
infra, lambdas.report, .prepare_job and .prepare_vault use a few modules of analytics, named below
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("analytics", "benchmarks", "infra", "lambdas", "local", "tests", "thaw")
EVERYTHING = ("", *OURS)


class Rule(NamedTuple):
    """What of ours the modules under `package` may import, and which libraries they may not."""

    package: str
    ours: tuple[str, ...]
    never: tuple[str, ...] = ()


HEAVY = ("pandas", "pyarrow", "duckdb", "click", "rich")
PLAIN_ANALYTICS = (
    "analytics.schema",
    "analytics.statements",
    "analytics.report_layout",
    "analytics.price_file",
)
"""Of the reports, what says how they look and where they are, without an engine."""

REPORT_ANALYTICS = (
    *PLAIN_ANALYTICS,
    "analytics.errors",
    "analytics.engines",
    "analytics.formats",
    "analytics.reports",
    "analytics.rollup_relations",
)
"""What writes a report, without the command line."""

SHARED = ("lambdas.environment", "lambdas.job_settings", "lambdas.metrics", "lambdas.tools")
"""What functions share."""

RULES = (
    Rule("thaw.core", ("thaw.core",), ()),
    Rule("thaw.store", ("thaw.core", "thaw.store"), ("pulumi", "pulumi_aws", *HEAVY)),
    Rule("thaw.manifests", ("thaw.core", "thaw.duckdb_sessions", "thaw.manifests"), ("pulumi", "pulumi_aws")),
    Rule("thaw", ("thaw",), ("pulumi", "pulumi_aws")),
    Rule(
        "lambdas.report",
        ("thaw", "lambdas.report", *SHARED, *REPORT_ANALYTICS),
        ("pulumi", "pulumi_aws", "click", "rich", "pyarrow"),
    ),
    Rule(
        "lambdas.prepare_job",
        ("thaw", "lambdas.prepare_job", *SHARED, "analytics.price_file"),
        ("pulumi", "pulumi_aws", *HEAVY),
    ),
    Rule(
        "lambdas.prepare_vault",
        (
            "thaw",
            "lambdas.prepare_vault",
            "lambdas.copying",
            "lambdas.vault_settings",
            *SHARED,
            "analytics.price_file",
        ),
        ("pulumi", "pulumi_aws", *HEAVY),
    ),
    Rule("lambdas", ("thaw", "lambdas"), ("pulumi", "pulumi_aws", *HEAVY)),
    Rule("analytics.cli.demo", ("thaw", "analytics", "local.demo"), ("pulumi", "pulumi_aws")),
    Rule("analytics", ("thaw", "analytics"), ("pulumi", "pulumi_aws")),
    Rule("infra.providers", ("thaw.core", "thaw.store", "infra"), HEAVY),
    Rule("infra", ("thaw.core", "infra", *PLAIN_ANALYTICS), HEAVY),
    Rule("__main__", ("infra",), HEAVY),
    Rule("local", EVERYTHING),
    Rule("benchmarks", EVERYTHING),
)
"""The first rule whose package holds a module is its rule."""

CORE_MAY_IMPORT = (
    frozenset(
        {"base64", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "decimal", "enum"}
    )
    | frozenset({"fractions", "functools", "hashlib", "heapq", "itertools", "json", "math", "operator"})
    | frozenset({"re", "string", "typing", "urllib.parse"})
)
"""Of the standard library: what neither reads a clock nor does input or output by itself."""

IMPURE_CALLS = frozenset({"now", "utcnow", "today", "open", "print", "input", "urandom"})
CLIENT_CALLS = frozenset({"client", "resource", "Session"})
CLOCK_CALLS = frozenset({"now", "utcnow", "today", "time", "monotonic", "perf_counter"})


def modules() -> list[tuple[str, Path]]:
    """Every module of ours outside tests/, by its dotted name."""
    paths = [path for package in OURS if package != "tests" for path in (ROOT / package).rglob("*.py")]
    paths += [ROOT / "__main__.py"] if (ROOT / "__main__.py").exists() else []
    named = [(".".join(path.relative_to(ROOT).with_suffix("").parts), path) for path in paths]
    return sorted((name.removesuffix(".__init__"), path) for name, path in named)


MODULES = modules()
each_module = pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def imported(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[str]:
    """Everything that `module` imports anywhere, `from a import b` as `a.b`."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, node.module] if node.module else above)
            yield from (f"{source}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            yield from (
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )


def called(node: ast.Call) -> str:
    """The last name of what a call calls: `client` for `boto3.client(...)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes that importing runs: not the bodies of functions, nor `if __name__ == "__main__"`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
                yield part
                yield from run_at_import(part)
        elif not isinstance(node, ast.Lambda) and "__name__ ==" not in ast.unparse(node).partition("\n")[0]:
            yield node
            yield from run_at_import(node)


def work_at_import(tree: ast.AST) -> list[str]:
    """What importing a module must not do: make clients, read the environment or the clock."""
    found: list[str] = []
    for node in run_at_import(tree):
        if isinstance(node, ast.Call) and called(node) in CLIENT_CALLS | CLOCK_CALLS | {"getenv"}:
            found.append(ast.unparse(node))
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            found.append(ast.unparse(node))
    return found


def breaches(tree: ast.AST, module: str, *, is_package: bool = False) -> list[str]:
    """What `module` imports against the first rule that is about it."""
    rule = next(rule for rule in RULES if within(module, rule.package))
    found: list[str] = []
    for name in imported(tree, module, is_package=is_package):
        ours = name.split(".")[0] in OURS
        if ours and not any(not allowed or within(name, allowed) for allowed in rule.ours):
            found.append(name)
        if any(within(name, library) for library in rule.never):
            found.append(name)
        if rule.package == "thaw.core" and not ours:
            known = name in CORE_MAY_IMPORT or name.rpartition(".")[0] in CORE_MAY_IMPORT
            found += [] if known else [name]
    return found


def test_all_packages_are_looked_at() -> None:
    assert {name.split(".")[0] for name, _ in MODULES} >= {"analytics", "infra", "lambdas", "local", "thaw"}


@each_module
def test_imports_point_one_way(name: str, path: Path) -> None:
    assert breaches(ast.parse(path.read_text()), name, is_package=path.name == "__init__.py") == []


@each_module
def test_importing_does_no_work(name: str, path: Path) -> None:
    assert work_at_import(ast.parse(path.read_text())) == [], f"{name}: clients and settings are arguments"


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, path in MODULES if within(name, "thaw.core")]
)
def test_the_core_reads_no_clock_and_does_no_input_or_output(name: str, path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if called(call) in IMPURE_CALLS] == [], name


def test_what_the_core_may_import_is_the_standard_library() -> None:
    assert {module.split(".")[0] for module in CORE_MAY_IMPORT} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("thaw.core.x", "import boto3"),
        ("thaw.core.x", "import time"),
        ("thaw.core.x", "from os import environ"),
        ("thaw.core.x", "from thaw.store import items"),
        ("thaw.core.x", "from thaw import store"),
        ("thaw.core.x", "from ..store import items"),
        ("thaw.core.x", "def f():\n    import socket"),
        ("thaw.core.x", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mypy_boto3_s3"),
        ("thaw.store.x", "import pulumi"),
        ("thaw.store.x", "from thaw.manifests import prepare"),
        ("thaw.manifests.x", "from thaw.store.jobs import register_job"),
        ("thaw.x", "import lambdas.track_events"),
        ("lambdas.f.handler", "from infra import names"),
        ("lambdas.f.handler", "import pandas as pd"),
        ("lambdas.f.handler", "import importlib\nimportlib.import_module('infra.names')"),
        ("lambdas.report.handler", "import pyarrow.parquet"),
        ("lambdas.report.handler", "from analytics.cli import report"),
        ("lambdas.report.handler", "from analytics import page"),
        ("lambdas.report.handler", "from lambdas.track_events import handler"),
        ("lambdas.track_events.handler", "from analytics.schema import REPORTS"),
        ("lambdas.prepare_job.handler", "from analytics.cost import sections"),
        ("lambdas.prepare_job.handler", "import pyarrow"),
        ("lambdas.prepare_vault.handler", "from analytics.cost import sections"),
        ("lambdas.prepare_vault.handler", "import duckdb"),
        ("infra.athena", "from analytics.engines import AthenaEngine"),
        ("infra.athena", "from analytics import statements_of_others"),
        ("infra.athena", "import duckdb"),
        ("analytics.cli.verify", "from pulumi_aws import s3"),
        ("analytics.cli.verify", "from local.demo import run_demo"),
        ("infra.tracking", "from thaw.store.jobs import register_job"),
        ("infra.tracking", "from lambdas.track_events import handler"),
        ("__main__", "from thaw.store import jobs"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    assert breaches(ast.parse(source), module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "thaw.core.x",
            "from collections.abc import Mapping\nfrom thaw.core.keys import version\nimport json",
        ),
        ("thaw.core.x", "from .keys import version"),
        ("thaw.store.x", "import boto3\nfrom thaw.core import keys"),
        ("infra.providers.x", "from thaw.store.jobs import register_job"),
        ("infra.athena", "from analytics.statements import statement\nfrom analytics import schema"),
        (
            "lambdas.report.handler",
            "import pandas, duckdb, pyathena\nfrom analytics.reports import run_report",
        ),
        ("lambdas.prepare_job.handler", "from analytics.price_file import load_prices"),
        ("lambdas.prepare_vault.handler", "from analytics.price_file import load_prices"),
        ("analytics.cli.demo", "def demo():\n    from local.demo import run_demo"),
        ("local.deployer", "import infra.tracking, lambdas.track_events.handler, analytics"),
    ],
)
def test_an_allowed_import_is_let_through(module: str, source: str) -> None:
    assert breaches(ast.parse(source), module) == []


@pytest.mark.parametrize(
    "source",
    [
        "import boto3\nS3 = boto3.client('s3')",
        "import boto3\nclass A:\n    table = boto3.resource('dynamodb')",
        "import os\nTABLE = os.environ['TABLE']",
        "import os\nTABLE = os.getenv('TABLE')",
        "import os\nif True:\n    TABLE = os.environ.get('TABLE')",
        "import os\ndef f(table=os.environ['TABLE']): ...",
        "from datetime import UTC, datetime\nSTARTED = datetime.now(UTC)",
        "import time\nSTARTED = time.time()",
    ],
)
def test_work_at_import_is_found(source: str) -> None:
    assert work_at_import(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "import boto3\ndef make():\n    return boto3.client('s3')",
        "import os\nread = lambda: os.environ['TABLE']",
        "import os\nif __name__ == '__main__':\n    print(os.environ)",
    ],
)
def test_work_in_a_function_is_let_through(source: str) -> None:
    assert work_at_import(ast.parse(source)) == []
