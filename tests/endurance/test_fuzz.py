"""A short run of the fuzzer over every target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from endurance import REPOSITORY
from endurance.fuzz.targets import NAMES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or sys.version_info < (3, 11), reason="atheris has no such wheels"),
]


@pytest.mark.timeout(300)
def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "endurance.fuzz", "--minutes", "0.25", "--findings", str(tmp_path)]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    found = [path.read_text() for path in tmp_path.glob("*/*.txt") if path.name != "words"]
    assert said.returncode == 0, "\n".join([said.stdout, said.stderr, *found])
    assert all(f"\n{name}" in said.stdout for name in NAMES)
