"""Where a painting stands between two steps, and the same as plain values and tensors: no code is ever stored."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from .cuda.graphs import GraphedFunction
from .images.pictures import Bounds
from .optimise.adam import Adam
from .optimise.curvature import Curvature
from .optimise.evaluator import Evaluation
from .optimise.lbfgs import LBFGS
from .optimise.loop import LoopState
from .optimise.optimiser import Point
from .optimise.spectrum import Spectrum
from .pyramid import MIN_PROGRESS, StallDetector

FORMAT = 3
"""Of what `as_plain` returns: another number wherever what any of the kinds below holds has changed."""


@dataclass(eq=False)
class ResumeState:
    """Filled in by `paint` as it goes; one that is filled in already is gone on from, to the same painting.

    It stands on the scale number ``scale``, ``steps_taken`` steps of which an earlier ``precision`` has taken.
    """

    scale: int = 0
    precision: int = 0
    steps_taken: int = 0
    seconds: float = 0.0
    """How long it has taken so far."""
    stall_detector: StallDetector = field(default_factory=StallDetector)
    """On this scale."""
    loop_state: LoopState | None = None
    """None before the first step on this scale."""
    early_stop_detector: StallDetector | None = None
    """Where the painting goes on from an earlier one: see `again.settled`."""

    @property
    def best_pixels(self) -> Tensor | None:
        """The best painting on this scale, centred pixels (1, 3, H, W); None where no step has been taken on it."""
        return None if self.loop_state is None else (self.loop_state.best or self.loop_state.optimiser.point).x

    def start_scale(self, scale: int, min_progress: float = MIN_PROGRESS) -> None:
        """To the beginning of a scale, whose steps must make ``min_progress`` progress."""
        self.scale, self.precision, self.steps_taken = scale, 0, 0
        self.stall_detector, self.loop_state = StallDetector(min_progress), None


_STORED_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (ResumeState, LoopState, StallDetector, LBFGS, Adam, Curvature, Spectrum, Point, Evaluation, Bounds)
}
_PLAIN = (type(None), bool, int, float, str, Tensor)


def as_plain(thing: Any) -> Any:
    """A bookmark as dictionaries, lists, numbers and tensors; these are its own, and change with the next step.

    What has been recorded for replays is left out: it is recorded anew.
    """
    if isinstance(thing, _PLAIN):
        return thing
    if isinstance(thing, deque):
        return {"deque": [as_plain(entry) for entry in thing], "most": thing.maxlen}
    if isinstance(thing, (list, tuple)):
        return {type(thing).__name__: [as_plain(entry) for entry in thing]}
    if isinstance(thing, dict):
        return {"dict": [[key, as_plain(value)] for key, value in thing.items()]}
    name = type(thing).__name__
    if _STORED_CLASSES.get(name) is not type(thing):
        raise TypeError(f"a bookmark holds no {name}")
    fields = {key: as_plain(value) for key, value in vars(thing).items() if not isinstance(value, GraphedFunction)}
    return {"kind": name, "fields": fields}


def from_plain(plain: Any) -> Any:
    """The reverse. ValueError, KeyError, TypeError for what `as_plain` never made."""
    if isinstance(plain, _PLAIN):
        return plain
    if "deque" in plain:
        return deque((from_plain(entry) for entry in plain["deque"]), maxlen=plain["most"])
    if "list" in plain:
        return [from_plain(entry) for entry in plain["list"]]
    if "tuple" in plain:
        return tuple(from_plain(entry) for entry in plain["tuple"])
    if "dict" in plain:
        return {key: from_plain(value) for key, value in plain["dict"]}
    kind: Any = _STORED_CLASSES[plain["kind"]]
    thing = kind.__new__(kind)
    vars(thing).update({str(key): from_plain(value) for key, value in plain["fields"].items()})
    return thing


def nbytes(plain: Any) -> int:
    """Bytes of the tensors in what `as_plain` returned, each counted once."""
    found: dict[int, int] = {}
    _weigh(plain, found)
    return sum(found.values())


def _weigh(plain: Any, found: dict[int, int]) -> None:
    if isinstance(plain, Tensor):
        found[plain.data_ptr()] = plain.nbytes
    elif isinstance(plain, dict):
        for value in plain.values():
            _weigh(value, found)
    elif isinstance(plain, list):
        for value in plain:
            _weigh(value, found)
