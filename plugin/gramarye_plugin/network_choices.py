"""The networks as the editors offer them: the full VGG19 and the quick draft in words, others by name."""

from __future__ import annotations

from typing import List, Sequence, Tuple

DRAFT = "draft"
"""Name of the small network that comes with Gramarye."""

VGG19_PREFIX = "vgg19"
"""The names of all published VGG19 networks begin with this."""

FULL, QUICK = "full (VGG19)", "quick (draft)"
NONE_INSTALLED = "none installed"


def network_choices(networks: Sequence[str]) -> List[Tuple[str, str]]:
    """Return (value, text) pairs for the installed ``networks``, which are given best first.

    The first pair is the daemon's default, the best network; its value is empty. The draft follows, then the others.
    """
    if not networks:
        return [("", NONE_INSTALLED)]
    best, *others = networks
    named = [name for name in others if name != DRAFT]
    quick = [(DRAFT, QUICK)] if DRAFT in others else []
    return [("", _default_text(best)), *quick, *((name, name) for name in named)]


def _default_text(best: str) -> str:
    if best == DRAFT:
        return QUICK
    return FULL if best.startswith(VGG19_PREFIX) else best
