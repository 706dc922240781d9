"""Which files of ours a module needs: itself, what it imports, what they import, and the data they read."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

OUR_PACKAGES = ("analytics", "lambdas", "thaw")
"""What functions may be made of; tests/test_imports.py says which function of what."""

DATA: Mapping[str, str] = {
    "analytics/statements.py": "analytics/sql/**/*.sql",
    "analytics/price_file.py": "analytics/prices/*.json",
}
"""Files that a module reads at run time, by the module: they go where it goes."""


def files_of(root: Path, module: str) -> dict[str, Path]:
    """All files that running `module` (dotted) takes, by their path below `root`."""
    found: dict[str, Path] = {}
    waiting = [module]
    seen = {module}
    while waiting:
        for path in _paths(root, waiting.pop()):
            name = path.relative_to(root).as_posix()
            if name not in found:
                found[name] = path
                new = set(_imported(path, name)) - seen
                waiting += new
                seen |= new
    for reader in set(found) & set(DATA):
        found |= {path.relative_to(root).as_posix(): path for path in root.glob(DATA[reader])}
    return found


def _paths(root: Path, module: str) -> Iterator[Path]:
    """The file of a module and those of the packages around it; none where the name is no module."""
    parts = module.split(".")
    path = root.joinpath(*parts)
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            yield candidate
            yield from (root.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts)))


def _imported(path: Path, name: str) -> tuple[str, ...]:
    """Whatever of ours the file may import; `from a import b` as `a` and as `a.b`, which may be a module."""
    return _imports(path.read_bytes(), tuple(name.split("/")[:-1]))


@cache
def _imports(source: bytes, package: tuple[str, ...]) -> tuple[str, ...]:
    """The same, of a module's source in this package: functions share most of theirs, so once is enough."""
    return tuple(
        name
        for node in ast.walk(ast.parse(source))
        for name in _named(node, package)
        if name.split(".")[0] in OUR_PACKAGES
    )


def _named(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = package[: len(package) - node.level + 1] if node.level else ()
    source = ".".join([*above, *([node.module] if node.module else [])])
    return [source, *(f"{source}.{alias.name}" for alias in node.names)]
