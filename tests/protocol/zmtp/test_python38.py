"""The package runs in old embedded Pythons: Python 3.8 syntax, standard library only, and no I/O."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "protocol" / "gramarye_protocol" / "zmtp"
FILES = sorted(PACKAGE.glob("*.py"))
# The package must not do I/O, start threads or read clocks.
FORBIDDEN = {"asyncio", "io", "os", "select", "selectors", "socket", "subprocess", "threading", "time"}


def test_there_are_files_to_check() -> None:
    assert PACKAGE / "connection.py" in FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_syntax(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), filename=path.name, feature_version=(3, 8))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_imports(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            # One dot is this sub-package; two would import from the rest of gramarye_protocol.
            assert node.level <= 1
            imported |= {(node.module or "").partition(".")[0]} if node.level == 0 else set()

    assert imported <= set(sys.stdlib_module_names) - FORBIDDEN


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_annotations_are_not_evaluated(path: Path) -> None:
    # Python 3.8 can parse but not evaluate annotations such as `list[int]` and `X | None`.
    if path.name != "__init__.py":
        assert "from __future__ import annotations\n" in path.read_text(encoding="utf-8")
