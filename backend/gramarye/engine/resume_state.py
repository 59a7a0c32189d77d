"""The state of a painting between two steps, and its conversion to plain values and tensors for storage."""

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
"""Version of `as_plain`'s output: raise it when the fields of any class in `_STORED_CLASSES` change."""


@dataclass(eq=False)
class ResumeState:
    """Filled in by `paint` at every step; `paint` continues from a state that is already filled in.

    ``scale`` is the index of the current scale, ``precision`` that of the current precision, and ``steps_taken`` counts
    the steps that earlier precisions took on this scale.
    """

    scale: int = 0
    precision: int = 0
    steps_taken: int = 0
    seconds: float = 0.0
    """Painting time so far."""
    stall_detector: StallDetector = field(default_factory=StallDetector)
    """Of the current scale."""
    loop_state: LoopState | None = None
    """State of the optimisation loop; None before the first step of a scale."""
    early_stop_detector: StallDetector | None = None
    """Set by `warm_start.early_stop`; None for other paintings."""

    @property
    def best_pixels(self) -> Tensor | None:
        """The best pixels on this scale, centred (1, 3, H, W); None before the first step."""
        return None if self.loop_state is None else (self.loop_state.best or self.loop_state.optimiser.point).x

    def start_scale(self, scale: int, min_progress: float = MIN_PROGRESS) -> None:
        """Reset to the beginning of a scale; ``min_progress`` goes to its `StallDetector`."""
        self.scale, self.precision, self.steps_taken = scale, 0, 0
        self.stall_detector, self.loop_state = StallDetector(min_progress), None


_STORED_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (ResumeState, LoopState, StallDetector, LBFGS, Adam, Curvature, Spectrum, Point, Evaluation, Bounds)
}
_PLAIN = (type(None), bool, int, float, str, Tensor)


def as_plain(thing: Any) -> Any:
    """Convert a resume state to dictionaries, lists, numbers, strings and tensors; no code is stored.

    The tensors are shared, not copied: the next step changes them. Recorded CUDA graphs are left out; they are recorded
    again after loading. TypeError for an object of any class but those in `_STORED_CLASSES`.
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
        raise TypeError(f"a resume state cannot contain a {name}")
    fields = {key: as_plain(value) for key, value in vars(thing).items() if not isinstance(value, GraphedFunction)}
    return {"kind": name, "fields": fields}


def from_plain(plain: Any) -> Any:
    """Inverse of `as_plain`. ValueError, KeyError or TypeError for other input."""
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
    """Total bytes of the tensors in `as_plain`'s output; shared tensors count once."""
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
