"""``gramarye demo``: a sheet that can be looked at from the first painting on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from support.homes import Home


def test_the_sheet_has_the_first_painting_while_the_others_are_painted_and_ctrl_c_keeps_it(
    home: Home, tmp_path: Path
) -> None:
    home.start_daemon()
    sheet = tmp_path / "sheet.png"
    command = [sys.executable, "-m", "gramarye", "demo", "-o", str(sheet)]
    (home.root / "cache" / "networks" / "tiny.safetensors").rename(
        home.root / "cache" / "networks" / "vgg19-keras.safetensors"  # preferred to the VGG19 of the installation
    )
    with subprocess.Popen(command, env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        while not sheet.exists():
            assert demo.poll() is None, demo.communicate()
            time.sleep(0.05)
        assert demo.poll() is None
        demo.send_signal(signal.SIGINT)
        _, errors = demo.communicate(timeout=60)
    assert demo.returncode == 130, errors
    with Image.open(sheet) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    rows, columns = (np.array_split(pixels, 3, axis=axis) for axis in (0, 1))
    assert len(rows) == len(columns) == 3
    painted = np.array_split(rows[0], 3, axis=1)[1]
    assert painted.std() > 10
    assert (rows[2] == 255).all()
