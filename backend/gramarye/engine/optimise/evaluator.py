"""The objective's value and gradient at a picture, in two passes over its tiles.

Every term of the objective depends on the features F of a tap only through sums over its positions p,

    S = sum_p phi_p(F_p),    loss = sum_w w V_w(S),

such as the Gram matrix, phi_p(f) = f f^T (Gatys, Ecker & Bethge, arXiv:1508.06576, equation 3). The sums are small and
do not grow with the picture; the features do. An evaluation therefore need not hold all features at once:

1. Forward: compute the features tile by tile and accumulate S.
2. Differentiate the loss w.r.t. S, by automatic differentiation of the small functions V_w alone.
3. Backward: recompute the features tile by tile and back-propagate dloss/dF_p = dloss/dS . phi_p'(F_p). For the
   Gram matrix this is (dloss/dS + (dloss/dS)^T) F_p, which generalises equation 6 there.

Invariant: each position belongs to exactly one tile and its features are exact (see `tiling.tiles`), so S, the loss
and the gradient equal those of the whole picture up to rounding, whatever the tiles. Sums of several tiles are added in
float64 to keep that rounding small. Terms of the pixels themselves, such as total variation, need no features; their
gradients are added at the end.

Nothing in a pass depends on values read by the host, so on CUDA an evaluation is recorded once as a graph and replayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from ..cuda.graphs import GraphedFunction, GraphRecorder, TensorFunction, recorder_for
from ..loss.objective import Key, Objective
from ..numeric.device import release_memory
from ..numeric.precision import FLOAT32, Precision, to_float64
from ..tiling.memory import is_out_of_memory
from ..tiling.plan import MIN_TILE_SIDE
from ..tiling.segments import Segment, halve_tiles
from ..tiling.tiles import TiledPass
from ..vgg.network import Network


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The loss, its gradient w.r.t. the pixels (1, 3, H, W), and ``parts``, the weighted terms in its sum."""

    loss: float
    gradient: Tensor
    parts: Mapping[str, float]


class Evaluator(Protocol):
    """Computes a loss and its gradient."""

    def evaluate(self, x: Tensor) -> Evaluation:
        """Evaluate the objective at centred pixels x (1, 3, H, W); x is not modified."""


class WholeEvaluator:
    """Evaluates an objective with ``function``, which maps x to the gradient and all terms' values, (terms,).

    With a ``recorder``, the function's work on the device is recorded and then replayed.
    """

    def __init__(self, objective: Objective, function: TensorFunction, recorder: GraphRecorder | None = None) -> None:
        self.objective = objective
        self._compute = function if recorder is None else GraphedFunction(function, recorder)

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed from a recording."""
        return isinstance(self._compute, GraphedFunction) and self._compute.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """Evaluate at centred pixels x (1, 3, H, W) on the network's device; synchronises with the host once."""
        gradient, values = self._compute(x.detach())
        parts = dict(zip(self.objective.names, values.tolist(), strict=True))
        return Evaluation(sum(parts.values()), gradient, parts)


class TiledEvaluator:
    """Evaluates an objective tile by tile, with the same value and gradient, in memory that grows slowly with the size.

    If the device runs out of memory, it halves the tiles' sides, tries again, and keeps the smaller tiles.
    """

    def __init__(
        self, network: Network, objective: Objective, segments: Sequence[Segment], precision: Precision = FLOAT32
    ) -> None:
        self._network = network
        self._precision = precision
        self._objective = objective
        self._segments = tuple(segments)
        self._gradient_and_values: WholeEvaluator | None = None
        """Built at the first evaluation with the current segments."""

    @property
    def is_replayed(self) -> bool:
        """Whether evaluations are replayed from a recording (see `cuda.graphs`)."""
        return self._gradient_and_values is not None and self._gradient_and_values.is_replayed

    def evaluate(self, x: Tensor) -> Evaluation:
        """Evaluate at centred pixels x (1, 3, H, W) on the network's device."""
        while True:
            try:
                with self._precision.applied(x.device):
                    if self._gradient_and_values is None:
                        self._gradient_and_values = self._build_evaluator(x.device)
                    return self._gradient_and_values.evaluate(x)
            except RuntimeError as error:
                smaller = halve_tiles(self._segments, MIN_TILE_SIDE) if is_out_of_memory(error) else None
                if smaller is None:
                    raise
            self._segments, self._gradient_and_values = smaller, None
            release_memory(x.device)

    def _build_evaluator(self, device: torch.device) -> WholeEvaluator:
        objective, recorder = self._objective, recorder_for(device, "evaluation")
        return WholeEvaluator(
            objective, partial(_gradient_and_values, self._network, objective, self._segments), recorder
        )


class MaskedEvaluator:
    """Wraps an evaluator and sets its gradient to 0 at the ``frozen`` pixels, (1, 1, H, W) of bool."""

    def __init__(self, evaluator: Evaluator, frozen: Tensor) -> None:
        self._evaluator = evaluator
        self._frozen = frozen

    def evaluate(self, x: Tensor) -> Evaluation:
        """Evaluate at centred pixels x (1, 3, H, W)."""
        found = self._evaluator.evaluate(x)
        return replace(found, gradient=found.gradient.masked_fill_(self._frozen, 0.0))


def _gradient_and_values(
    network: Network, objective: Objective, segments: Sequence[Segment], x: Tensor
) -> tuple[Tensor, ...]:
    """Return the gradient at x and all terms' values, (terms,), both on x's device, without synchronising.

    Accumulates the sums over tiles, differentiates the loss w.r.t. the sums, and back-propagates tile by tile.
    """
    x = x.detach()
    tiled_pass = TiledPass(network, segments, objective.taps, x)
    sums = _accumulate_sums(objective, tiled_pass)
    if not sums:
        gradient = torch.zeros_like(x)
        return gradient, torch.cat([x.new_zeros(0), *objective.add_gradient(x, gradient)])
    for measured in sums.values():
        measured.requires_grad_()
    values = torch.stack(list(objective.values(sums, objective.positions(x.shape[2], x.shape[3])).values()))
    sums_gradients = dict(zip(sums, torch.autograd.grad(values.sum(), list(sums.values())), strict=True))
    gradient = tiled_pass.gradient(partial(objective.backward, sums_gradients))
    return gradient, torch.cat([values.detach().to(x.device), *objective.add_gradient(x, gradient)])


def _accumulate_sums(objective: Objective, tiled_pass: TiledPass) -> dict[Key, Tensor]:
    """Return every term's sums over the whole picture; sums of several tiles are added in float64."""
    sums: dict[Key, Tensor] = {}
    for tap, region, features in tiled_pass.features(keep_for_backward=True):
        for key, measured in objective.measure(tap, features, region).items():
            sums[key] = to_float64(sums[key]) + to_float64(measured) if key in sums else measured
    return sums
