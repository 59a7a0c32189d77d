"""L-BFGS' curvature history: the last steps, and the gradient's changes along them."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numeric.blocked import add_scaled_rows, inner_products
from ..numeric.precision import to_float64
from .spectrum import Spectrum

MIN_COSINE = 1e-8
"""Least cosine of the angle between a step and its gradient change; pairs below it are rejected."""


class Curvature:
    """L-BFGS' approximate inverse Hessian H from the last ``history`` pairs (s, y); H itself is never formed.

    Pairs of float32 pictures are stored in bfloat16, in half the memory: H stays positive definite and works as well.
    `update` and `apply` can be recorded as CUDA graphs: the state lies in tensors at fixed addresses, nothing
    synchronises with the host, and repeating an `update` changes nothing. Call `next_slot` before each new pair.
    """

    def __init__(self, history: int, like: Tensor) -> None:
        """For pictures of the shape, format and device of ``like``, (1, 3, H, W)."""
        kind = torch.bfloat16 if like.dtype == torch.float32 else like.dtype
        self._steps = torch.zeros((history, like.numel()), dtype=kind, device=like.device)
        self._changes = torch.zeros_like(self._steps)
        self._products = to_float64(like.new_zeros((history, history)))
        """s_i.y_j for every pair j and every pair i no newer than j; column j is 0 if pair j was rejected."""
        self._scale = to_float64(like.new_ones(()))
        self._spectrum = Spectrum(like)
        self._slot = torch.zeros(1, dtype=torch.int64, device=like.device)
        """Row of the newest pair; rows are reused in turn."""
        self._count = 0
        """Pairs since the last reset."""

    def next_slot(self) -> None:
        """Make room for a new pair, in the row of the oldest."""
        self._slot.fill_(self._count % len(self._steps))
        self._count += 1
        self._spectrum.advance()

    def difference(self, later: Tensor, earlier: Tensor) -> Tensor:
        """Return ``later`` - ``earlier`` in the format of stored pairs."""
        return torch.sub(later, earlier, out=self._steps.new_empty(later.shape))

    def update(self, step: Tensor, change: Tensor) -> None:
        """Store a step s and the gradient's change y along it, both (1, 3, H, W).

        A pair without positive curvature takes a row but is ignored by `apply`.
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
        """Discard all pairs. The spectrum is kept: single bad steps hardly change it."""
        self._count = 0
        self._products.zero_()
        self._scale.fill_(1.0)

    def pair_count(self) -> Tensor:
        """Return the number of accepted pairs, (1,)."""
        return (self._products.diagonal() > 0.0).sum().to(self._products)[None]

    def apply(self, gradient: Tensor) -> Tensor:
        """Return H g by L-BFGS' compact form (Byrd, Nocedal & Schnabel, Math. Programming 63, 1994, equation 3.1).

        With steps S, changes Y, R the upper triangle of S'Y and D its diagonal,

            a = R^-1 S'g;  q = H0 (g - Y a);  H g = q + S R^-T (D a - Y'q),

        which is the two-loop recursion with each loop solved as a triangular system. H0 is the spectrum's filter P,
        times s.y / y.P.y of the newest pair (Nocedal & Wright, Numerical Optimization, equation 7.20, with P = 1).
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
        triangle.diagonal().add_((~is_known).to(triangle))  # the equations of missing pairs become x = 0

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
        """Rows that `update` and `apply` read: on a GPU all of them, so that a recorded graph stays valid."""
        return min(self._count, len(self._steps)) if self._steps.device.type == "cpu" else len(self._steps)

    def _filtered(self, q: Tensor) -> Tensor:
        return self._spectrum.apply(q).mul_(self._scale.to(q))


def _solve_triangular(triangle: Tensor, right: Tensor, *, upper: bool) -> Tensor:
    """Solve triangle x = right for x (n,)."""
    solution: Tensor = torch.linalg.solve_triangular(triangle, right[:, None], upper=upper)
    return solution[:, 0]
