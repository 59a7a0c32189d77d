"""What the daemon endures: hostile bytes, crowds, and days. One command each, beside `benchmarks`.

``python -m endurance.crash``, ``.fuzz``, ``.load`` and ``.soak``; each ends with status 1 where
a promise is broken. They need Linux's /proc, and the tests' folder beside this one.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

if str(REPOSITORY / "tests") not in sys.path:  # its homes, networks and weights files serve here too
    sys.path.append(str(REPOSITORY / "tests"))
