"""The plugins run in the editors' own Python, 3.8 or later: their syntax must be that of 3.8."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "plugin"
SOURCES = sorted(PLUGIN.rglob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_syntax_is_python_3_8(source: Path) -> None:
    ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 8))
