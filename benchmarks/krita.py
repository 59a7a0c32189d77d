"""``python benchmarks/krita.py``: time to a large layer's first preview, and the longest pauses of Krita's interface.

The default network paints; the first preview is the draft's sketch. Needs krita, Xvfb and xdotool. Nothing else should
run meanwhile.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

from editors.krita.editor import install_editor, screen  # noqa: E402  # the tests' Krita
from support.homes import Home  # noqa: E402

SIZES = ((1000, 750), (4000, 3000), (6000, 4000))
SECONDS, RUNS = 8.0, 3
AIM_FIRST, AIM_GAP = 1.2, 0.15
PICTURE = REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        home = Home(root / "gramarye")
        home.root.mkdir()
        with screen(root) as display:
            editor = install_editor(root, home, display)
            editor.run("pace", sizes=SIZES[:1], seconds=1.0, picture=str(PICTURE))  # the profile's first start
            runs = [editor.run("pace", sizes=SIZES, seconds=SECONDS, picture=str(PICTURE)) for _ in range(RUNS)]
        network = json.loads(_gramarye(home, "jobs", "--json"))[-1]["network"]
        _gramarye(home, "stop")
    print(f"network {network}\n")
    print(f"| medians of {RUNS} runs | " + " | ".join(f"{found['megapixels']:g} MP" for found in runs[0]) + " | aim |")
    print("|---|" + "---|" * (len(SIZES) + 1))
    for title, key, aim in (
        ("first preview after the click, warm daemon, s", "first_preview", f"{AIM_FIRST:g}"),
        ("longest gap until the preview layer is inserted, s", "reading", f"{AIM_GAP:g}"),
        ("that insertion, s", "insertion", ""),
        ("longest gap from there on while it paints, s", "during", f"{AIM_GAP:g}"),
        ("previews shown in those seconds", "previews", ""),
        ("the insertion at the end, s", "finish", ""),
    ):
        print(f"| {title} | " + " | ".join(f"{value:.3g}" for value in _medians(runs, key)) + f" | {aim} |")


def _gramarye(home: Home, *arguments: str) -> str:
    """What a command prints in the home's folders."""
    command = [sys.executable, "-m", "gramarye", *arguments]
    return subprocess.run(command, env=home.environ, check=True, capture_output=True, text=True).stdout


def _medians(runs: list[Any], key: str) -> list[float]:
    return [statistics.median(run[place][key] for run in runs) for place in range(len(SIZES))]


if __name__ == "__main__":
    main()
