"""Fixture for the real Krita that the tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from editors.krita.editor import NEEDED, Editor, install_editor, screen
from support.homes import Home, install_fast_default


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """Krita with the plugin; its daemon has its own folders and a fast default network, and is stopped at the end."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must install {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    root = tmp_path_factory.mktemp("krita")
    home = Home(root / "gramarye")
    home.root.mkdir()
    install_fast_default(home)
    with screen(root) as display:
        yield install_editor(root, home, display)
    subprocess.run([sys.executable, "-m", "gramarye", "stop"], env=home.environ, check=False, capture_output=True)
    home.close()
