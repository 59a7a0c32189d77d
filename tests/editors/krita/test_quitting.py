"""Quitting Krita while it paints."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


def test_quitting_cancels_the_painting(editor: Editor) -> None:
    """The last message is sent although Krita's event loop has ended, so that the job does not keep the processor."""
    file = editor.root / "job"
    status = editor.run_until_krita_quits("quitting", job=str(file))
    assert status == 0, editor.log()
    deadline = time.monotonic() + 20
    while (state := _state_of_job(editor, file.read_text(encoding="utf-8"))) == "running":
        assert time.monotonic() < deadline, "the job still runs"
        time.sleep(0.2)
    assert state == "cancelled"


def _state_of_job(editor: Editor, name: str) -> str:
    command = [sys.executable, "-m", "gramarye", "jobs", "--json"]
    answer = subprocess.run(command, env=editor.home.environ, check=True, capture_output=True, text=True).stdout
    return str(next(job["state"] for job in json.loads(answer) if job["job"] == name))
