"""A separate installation of Gramarye for a test: folders, a small network, daemon processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from reference.vgg import random_network

REPOSITORY = Path(__file__).parents[2]
FAST_DEFAULT = "vgg19-keras"
"""Name of the network that `install_fast_default` installs."""
SHARED = Path(os.environ.get("GRAMARYE_SHARED", REPOSITORY.parent / "shared"))


@dataclass
class Home:
    """Folders under ``root``; ``environ`` points a Gramarye process at them."""

    root: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ready_message: dict[str, Any] = field(default_factory=dict)
    """The JSON that the last daemon printed when it was ready."""
    extra_environ: dict[str, str] = field(default_factory=dict)
    """Additional environment variables of its processes."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process in this home."""
        paths = {
            f"GRAMARYE_{name}_DIR": str(self.root / name.lower()) for name in ("RUNTIME", "STATE", "CACHE", "DATA")
        }
        path = os.pathsep.join([str(REPOSITORY / "backend"), str(REPOSITORY / "protocol"), str(REPOSITORY)])
        return {**os.environ, **paths, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **self.extra_environ}

    @property
    def connection_file(self) -> Path:
        """Path of the daemon's connection file."""
        return self.root / "runtime" / "connection.json"

    def start_daemon(self, *options: str, device: str = "cpu") -> subprocess.Popen[bytes]:
        """Start a daemon process and wait until it is ready for clients."""
        command = [sys.executable, "-m", "gramarye", "serve", "--device", device, "--threads", "1", *options]
        with open(self.root / "daemon.log", "ab") as log:
            process = subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, stderr=log)
        self.processes.append(process)
        assert process.stdout is not None
        self.ready_message = json.loads(process.stdout.readline())
        assert self.ready_message["ready"]
        return process

    def close(self) -> None:
        """Terminate the processes that this home started."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def log(self) -> str:
        """Return the log files and the standard error of its daemons."""
        files = [self.root / "daemon.log", *(self.root / "state" / "logs").glob("daemon.log*")]
        return "".join(file.read_text(encoding="utf-8") for file in files if file.exists())


def use_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at the home's folders."""
    for name, value in home.environ.items():
        if name.startswith("GRAMARYE_"):
            monkeypatch.setenv(name, value)


def install_fast_default(home: Home) -> None:
    """Make the draft paint by default, so that tests of what happens around a painting are fast.

    A copy of the draft in the home's cache has the name of the best published network. The genuine VGG19 and the draft
    keep their names.
    """
    folder = home.root / "cache" / "networks"
    folder.mkdir(parents=True)
    draft = REPOSITORY / "weights" / "draft" / "draft.safetensors"
    shutil.copy(draft, folder / f"{FAST_DEFAULT}.safetensors")


def install_random_network(home: Home, name: str = "tiny") -> None:
    """Write a small random VGG19 (through conv5_1) into the home's cache, in the canonical format."""
    arrays: dict[str, np.ndarray] = {}
    for layer, (kernel, bias) in random_network(widths=(4, 6, 8, 8, 8), seed=1).items():
        arrays[f"{layer}.weight"] = kernel.astype(np.float32)
        arrays[f"{layer}.bias"] = bias.astype(np.float32)
    folder = home.root / "cache" / "networks"
    folder.mkdir(parents=True)
    metadata = {
        "format": "gramarye-network-1",
        "name": name,
        "lineage": "random, for tests",
        "mean": "[123.68, 116.779, 103.939]",
    }
    save_file(arrays, folder / f"{name}.safetensors", metadata)
