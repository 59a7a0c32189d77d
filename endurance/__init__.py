"""Long tests of the daemon: crashes, hostile bytes, many clients, a long run. One command each.

``python -m endurance.crash``, ``.fuzz``, ``.load`` and ``.soak``; each exits with status 1 if a
guarantee is broken. They need Linux's /proc and the `tests` folder beside this one.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

if str(REPOSITORY / "tests") not in sys.path:  # for its `support` package
    sys.path.append(str(REPOSITORY / "tests"))
