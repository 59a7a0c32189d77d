"""L-BFGS' memory of curvature: the last steps with the changes of gradient along them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numeric.blocked import add_scaled_rows, inner_products
from ..numeric.precision import to_float64
from .spectrum import Spectrum

MIN_COSINE = 1e-8
"""Of the angle between step and change of gradient: below it, a pair says nothing sound about curvature."""


class Curvature:
    """The inverse Hessian H that the last ``history`` pairs (s, y) imply, never formed.

    Pairs of float32 pictures are kept in bfloat16, half the memory: H of the rounded pairs is as sound, and as good.
    What it knows lies in tensors that stay where they are, and the host waits for nothing: `update` and `apply` can be
    recorded, and a pair learnt twice in place of once leaves the same. `next_slot` comes before each new one.
    """

    def __init__(self, history: int, like: Tensor) -> None:
        """For pictures ``like`` that one, (1, 3, H, W)."""
        kind = torch.bfloat16 if like.dtype == torch.float32 else like.dtype
        self._steps = torch.zeros((history, like.numel()), dtype=kind, device=like.device)
        self._changes = torch.zeros_like(self._steps)
        self._products = to_float64(like.new_zeros((history, history)))
        """s_i.y_j of those pairs of which j is not the older one; all 0 for a j that taught nothing."""
        self._scale = to_float64(like.new_ones(()))
        self._spectrum = Spectrum(like)
        self._slot = torch.zeros(1, dtype=torch.int64, device=like.device)
        """Of the newest pair: they take turns."""
        self._count = 0
        """Of the pairs since all were forgotten."""

    def next_slot(self) -> None:
        """For one more pair, in the place of the oldest."""
        self._slot.fill_(self._count % len(self._steps))
        self._count += 1
        self._spectrum.advance()

    def difference(self, later: Tensor, earlier: Tensor) -> Tensor:
        """How two pictures or gradients differ, in the format that pairs are kept in."""
        return torch.sub(later, earlier, out=self._steps.new_empty(later.shape))

    def update(self, step: Tensor, change: Tensor) -> None:
        """Take in a step s and the gradient's change y along it, (1, 3, H, W).

        A pair without positive curvature teaches nothing.
        """
        step, change = step.to(self._steps.dtype), change.to(self._changes.dtype)
        self._steps.index_copy_(0, self._slot, step.reshape(1, -1))
        self._changes.index_copy_(0, self._slot, change.reshape(1, -1))
        used = self._slots_used
        column = to_float64(inner_products(self._steps[:used], change))
        square, length = (to_float64(inner_products(x.reshape(1, -1), x)) for x in (change, step))
        place = self._slot.to(column.device)
        product = column.index_select(0, place)
        is_sound = product > MIN_COSINE * (length * square).sqrt()
        self._products[:used].index_copy_(1, place, column.masked_fill(~is_sound, 0.0)[:, None])
        filtered = self._spectrum.update(step, change, is_sound)
        self._scale.copy_(torch.where(is_sound, product / filtered, self._scale)[0])

    def reset(self) -> None:
        """Back to what the spectrum knows: no step that led astray has bent that by much."""
        self._count = 0
        self._products.zero_()
        self._scale.fill_(1.0)

    def pair_count(self) -> Tensor:
        """How many pairs it goes by, (1,)."""
        return (self._products.diagonal() > 0.0).sum().to(self._products)[None]

    def apply(self, gradient: Tensor) -> Tensor:
        """H g by L-BFGS' compact form (Byrd, Nocedal & Schnabel, Math. Programming 63, 1994, equation 3.1).

        With steps S, changes Y, R the upper triangle of S'Y and D its diagonal,

            a = R^-1 S'g;  q = H0 (g - Y a);  H g = q + S R^-T (D a - Y'q),

        which is the two-loop recursion with each of its loops solved at once. H0 is the spectrum's filter P, times
        s.y / y.P.y of the newest pair (Nocedal & Wright, Numerical Optimization, equation 7.20, where P = 1).
        """
        q = gradient.clone(memory_format=torch.contiguous_format)
        used = self._slots_used
        if not used:
            return self._filtered(q)
        steps, changes, products = self._steps[:used], self._changes[:used], self._products[:used, :used]
        by_age = (torch.arange(1, used + 1, device=products.device) + self._slot.to(products.device)) % used
        is_known = products.diagonal().index_select(0, by_age) > 0.0
        ordered = products.index_select(0, by_age).index_select(1, by_age)
        triangle = ordered.masked_fill(~(is_known[:, None] & is_known), 0.0).triu()
        triangle.diagonal().add_((~is_known).to(triangle))  # of what is not known no more than 0 = 0

        def gather(given: Tensor) -> Tensor:
            return to_float64(given).index_select(0, by_age).masked_fill_(~is_known, 0.0)

        def scatter(found: Tensor) -> Tensor:
            return torch.empty_like(found).index_copy_(0, by_age, found).to(q)

        first = _solve_triangular(triangle, gather(inner_products(steps, q)), upper=True)
        add_scaled_rows(q, changes, scatter(-first))
        q = self._filtered(q)
        rest = triangle.diagonal() * first - gather(inner_products(changes, q))
        add_scaled_rows(q, steps, scatter(_solve_triangular(triangle.T, rest, upper=False)))
        return q

    @property
    def _slots_used(self) -> int:
        """How many places are looked at: on a card all of them, so that what is recorded holds."""
        return min(self._count, len(self._steps)) if self._steps.device.type == "cpu" else len(self._steps)

    def _filtered(self, q: Tensor) -> Tensor:
        return self._spectrum.apply(q).mul_(self._scale.to(q))


def _solve_triangular(triangle: Tensor, right: Tensor, *, upper: bool) -> Tensor:
    """x (n,) with triangle x = right."""
    solution: Tensor = torch.linalg.solve_triangular(triangle, right[:, None], upper=upper)
    return solution[:, 0]
