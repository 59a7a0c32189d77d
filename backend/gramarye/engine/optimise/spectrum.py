"""L-BFGS' initial inverse Hessian: a filter by spatial frequency, estimated from the steps taken.

The objective's curvature differs by orders of magnitude between coarse and fine changes of a picture, in a way that
depends on the style. One factor per frequency band compensates for that: a preconditioner (H0 in section 7.2 of Nocedal
& Wright, Numerical Optimization), equivalent to optimising the picture in a weighted Fourier basis.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..numeric.blocked import block_size, row_blocks
from ..numeric.precision import to_float64, widen

BANDS_PER_OCTAVE, BANDS = 2, 16
"""Bands per octave, and bands in all; every period above 256 pixels falls into the last."""

MAX_FREQUENCY = 0.5**0.5
"""Cycles per pixel of the finest diagonal pattern."""

DECAY = 0.8
"""Weight of the older pairs in the running mean, per new pair."""

MIN_GAIN, MAX_GAIN = 0.03, 300.0
"""Bounds of a band's gain, after steps and gradient changes are scaled to energy 1."""


class Spectrum:
    """A filter P that multiplies every frequency of every channel by its band's gain.

    A band's gain is |s| / |y| within the band, over steps s and gradient changes y: the geometric mean of the two step
    lengths of Barzilai & Borwein (IMA J. Numer. Anal. 8, 1988). P treats the picture as periodic; it is symmetric and
    positive definite. Each size of a painting starts with a new one: kept from the coarser size, it slowed the first
    steps more than it saved later (measured on four pairs).
    """

    def __init__(self, like: Tensor) -> None:
        """For pictures of the shape, format and device of ``like``, (1, 3, H, W)."""
        self._older = to_float64(like.new_zeros((2, BANDS)))
        """Each band's share in the energy of steps (row 0) and changes (row 1): mean over the older pairs."""
        self._newest = torch.zeros_like(self._older)
        self._has_pairs = False

    def advance(self) -> None:
        """Merge the newest pair into the running mean, before a new one."""
        self._older.lerp_(self._newest, 1.0 - DECAY)
        self._has_pairs = True

    def update(self, step: Tensor, change: Tensor, is_sound: Tensor) -> Tensor:
        """Set the newest pair s, y (1, 3, H, W), if ``is_sound`` (1,); return y.P.y, (), with the updated P.

        Does not synchronise with the host.
        """
        energies = _band_energies(step, change)
        shares = energies / energies.sum(dim=1, keepdim=True)
        self._newest.copy_(torch.where(is_sound, shares, self._older))
        return torch.dot(self._gains(), energies[1])

    def apply(self, x: Tensor) -> Tensor:
        """Return P x for x (1, 3, H, W)."""
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
        """Gains (BANDS,), finest band first; all 1 before the first pair."""
        steps, changes = torch.lerp(self._older, self._newest, 1.0 - DECAY)
        ratios = (steps / changes.clamp(min=torch.finfo(torch.float64).tiny)).sqrt()
        gains: Tensor = ratios.clamp_(MIN_GAIN, MAX_GAIN).masked_fill_(steps.sum() <= 0.0, 1.0)
        return gains


def _channels(x: Tensor) -> tuple[Tensor, ...]:
    """Split x (1, 3, H, W) into groups of channels (C, H, W) of at most a block, at least one channel each."""
    parts: tuple[Tensor, ...] = torch.split(x[0], max(1, block_size(x) // (x.shape[2] * x.shape[3])))
    return parts


def _band_energies(*pictures: Tensor) -> Tensor:
    """Energy of n pictures (1, 3, H, W) per band, (n, BANDS) in float64; each row adds up to the sum of squares."""
    width = pictures[0].shape[3]
    kind = widen(pictures[0][:0]).dtype
    columns = torch.arange(width // 2 + 1, device=pictures[0].device)
    # inner columns of a real FFT count twice: their mirror images are left out
    twice = ((columns > 0) & (2 * columns < width)).to(kind) + 1.0
    found: list[list[Tensor]] = [[] for _ in pictures]
    for parts in zip(*(_channels(x) for x in pictures), strict=True):
        spectra = [torch.fft.rfft2(channels.to(kind), norm="ortho") for channels in parts]
        for part, (band, share) in _band_positions(spectra[0], width):
            for waves, sums in zip(spectra, found, strict=True):
                energy = (waves[:, part].real.square() + waves[:, part].imag.square()).sum(dim=0) * twice
                upper = energy * share
                # a row of bins per row of the spectrum: fewer colliding atomic additions on a GPU
                by_row = energy.new_zeros(len(energy), BANDS)
                sums.append(by_row.scatter_add_(1, band, energy - upper).scatter_add_(1, band + 1, upper))
    return to_float64(torch.stack([torch.cat(sums).sum(dim=0) for sums in found]))


def _band_positions(waves: Tensor, width: int) -> Iterator[tuple[slice, tuple[Tensor, Tensor]]]:
    """Yield blocks of rows of a spectrum (C, H, W // 2 + 1), with each element's position among the bands.

    A position is the index of a band and the fraction, 0..1, of the way from it to the next, coarser band.
    """
    device, kind = waves.device, waves.real.dtype
    vertical = torch.fft.fftfreq(waves.shape[1], device=device, dtype=kind).square()
    horizontal = torch.fft.rfftfreq(width, device=device, dtype=kind).square()
    for part in row_blocks(waves):
        squared = vertical[part, None] + horizontal
        place = torch.log2(squared / MAX_FREQUENCY**2).mul_(-0.5 * BANDS_PER_OCTAVE).clamp_(0.0, BANDS - 1.0)
        band = place.floor().clamp_(max=BANDS - 2.0)
        yield part, (band.to(torch.int64), place - band)
