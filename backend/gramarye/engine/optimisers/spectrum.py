"""The objective's curvature by spatial frequency, as steps show it: where L-BFGS' own knowledge begins.

Coarse changes of a picture and fine ones differ in curvature by orders of magnitude, and which way depends on the
style. A diagonal of one number per band of frequencies evens that out (a preconditioner: Nocedal & Wright, Numerical
Optimization, section 7.2's H0), the same as if the picture were optimised in a weighted Fourier basis.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..precision import wide
from ..slabs import row_slabs

PER_OCTAVE, BANDS = 2, 16
"""Bands per halving of the frequency, and in all: the last holds every period longer than 362 pixels."""

HIGHEST = 0.5**0.5
"""Cycles per pixel in a picture's finest diagonal pattern."""

KEPT = 0.8
"""Share of the older measure that is kept at each pair."""

LEAST_GAIN, GREATEST_GAIN = 0.03, 300.0
"""Within which any band's gain must lie, where the changes of gradient as a whole have 1."""


class Spectrum:
    """A filter P: every frequency of every channel times its band's gain, |s| / |y| over steps s and their changes y.

    That ratio is the geometric mean of both of Barzilai & Borwein's (IMA J. Numer. Anal. 8, 1988), band by band.
    Borders count as joined; P is symmetric and positive. At the next size of a painting it begins anew: taken along,
    it cost more of the first steps there than it saved of the later ones (measured on four pairs).
    """

    def __init__(self) -> None:
        self._steps = torch.zeros(BANDS, dtype=torch.float64)
        self._changes = torch.zeros(BANDS, dtype=torch.float64)
        self._gains: Tensor | None = None
        """(BANDS,) on the CPU, finest first; None while all are 1."""

    def learn(self, step: Tensor, change: Tensor) -> float:
        """Take in a pair s, y (1, 3, H, W); y.P.y for the P that then holds."""
        steps, changes = _energies(step, change)
        self._steps = KEPT * self._steps + (1.0 - KEPT) * steps / steps.sum()
        self._changes = KEPT * self._changes + (1.0 - KEPT) * changes / changes.sum()
        ratios = (self._steps / self._changes.clamp(min=torch.finfo(torch.float64).tiny)).sqrt()
        self._gains = ratios.clamp(LEAST_GAIN, GREATEST_GAIN)
        return float(self._gains @ changes)

    def apply(self, x: Tensor) -> Tensor:
        """P x for x (1, 3, H, W)."""
        if self._gains is None:
            return x
        height, width = x.shape[2:]
        gains = self._gains.to(x.device, x.dtype)
        filtered = torch.empty_like(x, memory_format=torch.contiguous_format)
        for channel, into in zip(x[0], filtered[0], strict=True):
            waves = torch.fft.rfft2(channel)
            for part, (band, share) in _placed(waves, width):
                waves[part].mul_(torch.lerp(gains[band], gains[band + 1], share))
            into.copy_(torch.fft.irfft2(waves, s=(height, width)))
        return filtered


def _energies(*pictures: Tensor) -> list[Tensor]:
    """Each one's sum of squares in every band (BANDS,), on the CPU: they add up to that of x (1, 3, H, W) itself."""
    width = pictures[0].shape[3]
    kind = wide(pictures[0][:0]).dtype
    twice = torch.full((width // 2 + 1,), 2.0, dtype=kind, device=pictures[0].device)
    twice[0] = 1.0  # every other column stands for its mirror image too
    if width % 2 == 0:
        twice[-1] = 1.0
    found: list[list[Tensor]] = [[] for _ in pictures]
    for channels in zip(*(x[0] for x in pictures), strict=True):
        spectra = [torch.fft.rfft2(channel.to(kind), norm="ortho") for channel in channels]
        for part, (band, share) in _placed(spectra[0], width):
            for waves, sums in zip(spectra, found, strict=True):
                energy = (waves[part].real.square() + waves[part].imag.square()) * twice
                upper = energy * share
                sums.append(_by_band(band, energy - upper) + _by_band(band + 1, upper))
    return [torch.stack(sums).cpu().to(torch.float64).sum(dim=0) for sums in found]


def _by_band(band: Tensor, energy: Tensor) -> Tensor:
    sums = torch.zeros(BANDS, dtype=energy.dtype, device=energy.device)
    return sums.index_add_(0, band.flatten(), energy.flatten())


def _placed(waves: Tensor, width: int) -> Iterator[tuple[slice, tuple[Tensor, Tensor]]]:
    """Some rows at a time of a spectrum (H, W // 2 + 1), with the band that each of its numbers lies above and how
    far, 0..1, it lies from that to the next."""
    device, kind = waves.device, waves.real.dtype
    vertical = torch.fft.fftfreq(waves.shape[0], device=device, dtype=kind).square()
    horizontal = torch.fft.rfftfreq(width, device=device, dtype=kind).square()
    for part in row_slabs(waves):
        squared = vertical[part, None] + horizontal
        place = torch.log2(squared / HIGHEST**2).mul_(-0.5 * PER_OCTAVE).clamp_(0.0, BANDS - 1.0)
        band = place.floor().clamp_(max=BANDS - 2.0)
        yield part, (band.to(torch.int64), place - band)
