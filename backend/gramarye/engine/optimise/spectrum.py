"""The objective's curvature by spatial frequency, as steps show it: where L-BFGS' own knowledge begins.

Coarse changes of a picture and fine ones differ in curvature by orders of magnitude, and which way depends on the
style. A diagonal of one number per band of frequencies evens that out (a preconditioner: Nocedal & Wright, Numerical
Optimization, section 7.2's H0), the same as if the picture were optimised in a weighted Fourier basis.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..numeric.blocked import block_size, row_blocks
from ..numeric.precision import to_float64, widen

BANDS_PER_OCTAVE, BANDS = 2, 16
"""Bands per halving of the frequency, and in all: the last holds every period longer than 362 pixels."""

MAX_FREQUENCY = 0.5**0.5
"""Cycles per pixel in a picture's finest diagonal pattern."""

DECAY = 0.8
"""Share of the older measure that is kept at each pair."""

MIN_GAIN, MAX_GAIN = 0.03, 300.0
"""Within which any band's gain must lie, where the changes of gradient as a whole have 1."""


class Spectrum:
    """A filter P: every frequency of every channel times its band's gain, |s| / |y| over steps s and their changes y.

    That ratio is the geometric mean of both of Barzilai & Borwein's (IMA J. Numer. Anal. 8, 1988), band by band.
    Borders count as joined; P is symmetric and positive. At the next size of a painting it begins anew: taken along,
    it cost more of the first steps there than it saved of the later ones (measured on four pairs).
    """

    def __init__(self, like: Tensor) -> None:
        """For pictures ``like`` that one, (1, 3, H, W)."""
        self._older = to_float64(like.new_zeros((2, BANDS)))
        """How the energy of steps, and of changes, is distributed: the mean over all pairs but the newest."""
        self._newest = torch.zeros_like(self._older)
        self._has_pairs = False

    def advance(self) -> None:
        """The newest pair becomes one of the older ones."""
        self._older.lerp_(self._newest, 1.0 - DECAY)
        self._has_pairs = True

    def update(self, step: Tensor, change: Tensor, is_sound: Tensor) -> Tensor:
        """Take in the newest pair s, y (1, 3, H, W), where it ``is_sound`` (1,); y.P.y, (), for the P that then holds.

        The host does not wait.
        """
        energies = _band_energies(step, change)
        shares = energies / energies.sum(dim=1, keepdim=True)
        self._newest.copy_(torch.where(is_sound, shares, self._older))
        return torch.dot(self._gains(), energies[1])

    def apply(self, x: Tensor) -> Tensor:
        """P x for x (1, 3, H, W)."""
        if not self._has_pairs:
            return x
        gains = self._gains().to(x.device, x.dtype)
        filtered = torch.empty_like(x, memory_format=torch.contiguous_format)
        for channels, into in zip(_channels(x), _channels(filtered), strict=True):
            waves = torch.fft.rfft2(channels)
            for part, (band, share) in _band_positions(waves, x.shape[3]):
                waves[:, part].mul_(torch.lerp(gains[band], gains[band + 1], share))
            into.copy_(torch.fft.irfft2(waves, s=x.shape[2:]))
        return filtered

    def _gains(self) -> Tensor:
        """(BANDS,), finest first; all 1 before anything is known."""
        steps, changes = torch.lerp(self._older, self._newest, 1.0 - DECAY)
        ratios = (steps / changes.clamp(min=torch.finfo(torch.float64).tiny)).sqrt()
        gains: Tensor = ratios.clamp_(MIN_GAIN, MAX_GAIN).masked_fill_(steps.sum() <= 0.0, 1.0)
        return gains


def _channels(x: Tensor) -> tuple[Tensor, ...]:
    """Of x (1, 3, H, W) as many at a time as make up a slab, each by itself where one does: (C, H, W)."""
    parts: tuple[Tensor, ...] = torch.split(x[0], max(1, block_size(x) // (x.shape[2] * x.shape[3])))
    return parts


def _band_energies(*pictures: Tensor) -> Tensor:
    """Each one's sum of squares in every band, (n, BANDS) in float64: they add up to that of x (1, 3, H, W) itself."""
    width = pictures[0].shape[3]
    kind = widen(pictures[0][:0]).dtype
    columns = torch.arange(width // 2 + 1, device=pictures[0].device)
    twice = ((columns > 0) & (2 * columns < width)).to(kind) + 1.0  # every other column stands for its mirror image too
    found: list[list[Tensor]] = [[] for _ in pictures]
    for parts in zip(*(_channels(x) for x in pictures), strict=True):
        spectra = [torch.fft.rfft2(channels.to(kind), norm="ortho") for channels in parts]
        for part, (band, share) in _band_positions(spectra[0], width):
            for waves, sums in zip(spectra, found, strict=True):
                energy = (waves[:, part].real.square() + waves[:, part].imag.square()).sum(dim=0) * twice
                upper = energy * share
                by_row = energy.new_zeros(len(energy), BANDS)  # a card adds to few numbers of one row at a time
                sums.append(by_row.scatter_add_(1, band, energy - upper).scatter_add_(1, band + 1, upper))
    return to_float64(torch.stack([torch.cat(sums).sum(dim=0) for sums in found]))


def _band_positions(waves: Tensor, width: int) -> Iterator[tuple[slice, tuple[Tensor, Tensor]]]:
    """Some rows at a time of a spectrum (C, H, W // 2 + 1), with the band that each of its numbers lies above and how
    far, 0..1, it lies from that to the next."""
    device, kind = waves.device, waves.real.dtype
    vertical = torch.fft.fftfreq(waves.shape[1], device=device, dtype=kind).square()
    horizontal = torch.fft.rfftfreq(width, device=device, dtype=kind).square()
    for part in row_blocks(waves):
        squared = vertical[part, None] + horizontal
        place = torch.log2(squared / MAX_FREQUENCY**2).mul_(-0.5 * BANDS_PER_OCTAVE).clamp_(0.0, BANDS - 1.0)
        band = place.floor().clamp_(max=BANDS - 2.0)
        yield part, (band.to(torch.int64), place - band)
