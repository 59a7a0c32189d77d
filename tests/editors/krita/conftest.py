"""Fixtures for the real Krita that the tests share: the installed one, or the one in ``GRAMARYE_KRITA_ROOT``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from editors.krita.daemon_starter import DaemonStarter
from editors.krita.editor import (
    NEEDED,
    NEEDED_FOR_CHROOT,
    Editor,
    install_editor,
    make_paths_valid_inside,
    screen,
)
from support.homes import REPOSITORY, Home, install_fast_default

CHROOT = os.environ.get("GRAMARYE_KRITA_ROOT", "")
"""A root folder made by ``.ci/krita-root``."""


@pytest.fixture(scope="session")
def editor() -> Iterator[Editor]:
    """Krita with the plugin; its daemon has its own folders and a fast default network, and is stopped at the end."""
    missing = [name for name in (NEEDED_FOR_CHROOT if CHROOT else NEEDED) if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must install {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    chroot = Path(CHROOT).resolve() if CHROOT else None
    if chroot is not None:
        make_paths_valid_inside(chroot)
    with tempfile.TemporaryDirectory(prefix="gramarye-krita-", dir=chroot / "tmp" if chroot else None) as folder:
        root = Path(folder)
        home = Home(root / "gramarye")
        home.root.mkdir()
        install_fast_default(home)
        starter = DaemonStarter(chroot, root, home) if chroot is not None else None
        with screen(root) as display:
            yield install_editor(root, home, display, chroot)
        subprocess.run([sys.executable, "-m", "gramarye", "stop"], env=home.environ, check=False, capture_output=True)
        if starter is not None:
            starter.close()
        home.close()


@pytest.fixture(scope="session")
def harbour(editor: Editor) -> Path:
    """A small copy of the gallery's picture of a harbour, where Krita can read it."""
    path = editor.root / "harbour.png"
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as image:
        image.convert("RGB").resize((320, 240)).save(path)
    return path
