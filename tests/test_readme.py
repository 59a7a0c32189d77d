"""Tests that every command and program in README.md runs as printed.

The two blocks marked by comments, which install packages, run in CI instead: they would download PyTorch here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from gramarye.cli.stylize import stylize
from support.file_server import FileServer
from support.homes import REPOSITORY, Home
from support.weight_files import manifest_of, small_network, write_h5

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")

BLOCKS = re.findall(r"(<!-- [^\n]+ -->\n)?```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = "".join(block for mark, block in BLOCKS if not mark).splitlines()
MARKS = [mark.strip() for mark, _ in BLOCKS if mark]
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

WRITES = {"-o painted.png": "painted.png", "-o sheet.png": "sheet.png", "diagnostics": "gramarye-diagnostics.zip"}
"""Part of a command -> the file that the command writes."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Home of a reader of the README: pictures in the current folder, Krita and GIMP profiles, a server for `fetch`."""
    home = Home(tmp_path_factory.mktemp("reader"))
    folder = home.root / "pictures"
    data = home.root / "published" / "gramarye_weights"
    for made in (folder, data, home.root / "bin"):
        made.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ("photo", "starry_night", "a", "b"):
        Image.fromarray(rng.integers(0, 256, (48, 64, 3), np.uint8)).save(folder / f"{name}.jpg")
    command = home.root / "bin" / "gramarye"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gramarye "$@"\n')
    command.chmod(0o755)
    write_h5(home.root / "small.h5", small_network())
    network = (home.root / "small.h5").read_bytes()
    for part in (".local/share/krita", ".config/GIMP/3.0"):
        (home.root / part).mkdir(parents=True)
    home.extra_environ = {
        "HOME": str(home.root),
        "PATH": f"{home.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(data.parent), home.environ["PYTHONPATH"]]),
        "no_proxy": "127.0.0.1",
    }
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        home.extra_environ[variable] = str(home.root / (".config" if "CONFIG" in variable else ".local/share"))
    with FileServer(network) as server:
        (data / "__init__.py").touch()
        (data / "manifest.toml").write_text(manifest_of("vgg19", server.url, network))
        (data / "draft").symlink_to(REPOSITORY / "weights" / "draft")
        home.start_daemon()
        yield home
    home.close()


def _run(home: Home, command: list[str]) -> subprocess.CompletedProcess[str]:
    folder = home.root / "pictures"
    return subprocess.run(command, env=home.environ, cwd=folder, capture_output=True, text=True, check=False)


def test_the_readme_has_commands_and_programs() -> None:
    assert len(COMMANDS) >= 8
    assert len(PROGRAMS) == 2
    assert MARKS == ["<!-- install commands -->", "<!-- test command -->"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(reader: Home, command: str) -> None:
    if "--continue last" in command:
        first = command.replace(" --content-weight 80 --continue last", " --steps 4")
        assert _run(reader, ["sh", "-c", first]).returncode == 0
    written = [reader.root / "pictures" / name for part, name in WRITES.items() if part in command]
    for path in written:
        path.unlink(missing_ok=True)
    done = _run(reader, ["sh", "-c", command])
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or "doctor" in command, done.stderr  # doctor reports the network of one layer as bad
    assert done.stdout or written
    for path in written:
        assert path.stat().st_size > 0


@pytest.mark.parametrize("program", PROGRAMS, ids=["paint", "client"])
def test_a_program_runs(reader: Home, program: str) -> None:
    done = _run(reader, [sys.executable, "-c", program])
    assert done.returncode == 0, done.stderr


def test_every_option_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`(--[a-z-]+)", README))
    known = {name for parameter in stylize.params for name in parameter.opts}
    assert len(named) > 10
    assert named <= known, named - known
