"""Setting Gramarye up from inside a real Krita, from the archive that a user imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from editors.krita.editor import Editor
from gramarye.plugin_install.krita import PACKAGE, Profile, archive_files, install
from gramarye.plugin_install.wheel import constraints, read_wheel
from support.homes import REPOSITORY

pytestmark = [pytest.mark.krita, pytest.mark.timeout(900)]

SCRIPT_TIMEOUT = 600.0
"""Seconds; PyTorch is installed."""


@pytest.fixture
def archived_plugin(editor: Editor, tmp_path: Path) -> Iterator[Editor]:
    """Krita with the plugin as an archive brings it: with a wheel of Gramarye, and without an installation."""
    if editor.chroot is not None:
        pytest.skip("the root folder has no pip")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path)]
    subprocess.run([*command, str(REPOSITORY)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    resources = editor.root / "data" / "krita"
    for file in archive_files(read_wheel(wheel), constraints()):
        path = resources / "pykrita" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    (resources / "pykrita" / PACKAGE / "backend.json").unlink()
    _stop_daemon(editor)
    yield editor
    _stop_daemon(editor)
    install(Profile(resources, editor.root / "config" / "kritarc"))


def _stop_daemon(editor: Editor) -> None:
    subprocess.run(
        [sys.executable, "-m", "gramarye", "stop"], env=editor.home.environ, check=False, capture_output=True
    )


def test_one_button_installs_gramarye_and_then_it_paints(archived_plugin: Editor, harbour: Path) -> None:
    environment = archived_plugin.root / "data" / "gramarye" / "environment"
    patient = replace(
        archived_plugin, environ={**archived_plugin.environ, "GRAMARYE_PROBE_PATIENCE": str(SCRIPT_TIMEOUT)}
    )
    results = patient.run("set_up", timeout=SCRIPT_TIMEOUT, picture=str(harbour), environment=str(environment))
    assert results["offered"] == "Set up"
    assert str(environment) in results["said"]
    assert "MB are downloaded" in results["said"] or "GB are downloaded" in results["said"]
    assert results["cancelled"] is False, "a cancelled environment is removed"
    assert results["failed"] == ""
    assert results["painted"] == ["Background", "Gramarye waves, strength 50"]
