"""Which files a function is made of: what it imports, in every way that Python imports."""

from pathlib import Path

import pytest

from infra.modules import files_of

FILES = {
    "lambdas/__init__.py": "",
    "lambdas/f/__init__.py": "",
    "lambdas/f/handler.py": "import json, boto3\nfrom lambdas.f import near\nimport thaw.core.plain",
    "lambdas/f/near.py": "from .nearer import x\nfrom . import nearest",
    "lambdas/f/nearer.py": "x = 1",
    "lambdas/f/nearest.py": "def late():\n    from thaw.core import called",
    "lambdas/g/__init__.py": "",
    "lambdas/g/handler.py": "",
    "thaw/__init__.py": "",
    "thaw/core/__init__.py": "",
    "thaw/core/plain.py": "from thaw.core.plain import itself",
    "thaw/core/called.py": "",
    "thaw/core/other.py": "",
    "analytics/__init__.py": "",
    "analytics/statements.py": "",
    "analytics/sql/a/one.sql": "SELECT 1",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_what_is_imported_comes_along_with_its_packages_and_nothing_else(root: Path) -> None:
    assert set(files_of(root, "lambdas.f.handler")) == {
        *("lambdas/__init__.py", "lambdas/f/__init__.py", "lambdas/f/handler.py"),
        *("lambdas/f/near.py", "lambdas/f/nearer.py", "lambdas/f/nearest.py"),
        *("thaw/__init__.py", "thaw/core/__init__.py", "thaw/core/plain.py", "thaw/core/called.py"),
    }


def test_a_module_that_reads_files_brings_them(root: Path) -> None:
    (root / "lambdas/g/handler.py").write_text("from analytics.statements import statement")
    assert set(files_of(root, "lambdas.g.handler")) >= {"analytics/statements.py", "analytics/sql/a/one.sql"}
    assert files_of(root, "lambdas.f.handler")["thaw/core/plain.py"] == root / "thaw/core/plain.py"
