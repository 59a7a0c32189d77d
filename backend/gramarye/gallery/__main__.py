"""``python -m gramarye.gallery [FOLDER]``: draw the pictures into FOLDER, by default this package's folder."""

from __future__ import annotations

import sys
from pathlib import Path

from .pictures import draw_all

if __name__ == "__main__":
    draw_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
