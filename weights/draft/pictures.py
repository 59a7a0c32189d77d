"""Crops to train on: cut from pictures and varied, or drawn here. All are (side, side, 3) uint8, RGB."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

Picture = NDArray[np.uint8]
Random = np.random.Generator

KEPT_PAINTINGS = 240


def load(path: Path, max_side: int | None = None) -> Picture:
    """The picture at `path` as RGB, made smaller where its longest side exceeds `max_side`."""
    with Image.open(path) as file:
        image = file.convert("RGB")
    if max_side is not None and max(image.size) > max_side:
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return np.asarray(image, dtype=np.uint8)


def as_tensor(pictures: Sequence[Picture]) -> Tensor:
    """(N, 3, H, W) float32, 0..255, of pictures of one size."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()


class CropSource:
    """An endless supply of crops. `add_paintings` adds pictures to cut from; only the latest are kept."""

    def __init__(self, files: Sequence[Path], procedural_share: float, seed: int, painted_share: float = 0.0) -> None:
        self._paintings: deque[Picture] = deque(maxlen=KEPT_PAINTINGS)
        self._painted_share = painted_share
        self._pictures = [Image.fromarray(load(file)) for file in files]
        areas = np.array([picture.width * picture.height for picture in self._pictures], dtype=np.float64)
        # Larger pictures hold more, but not in proportion: the square root keeps small paintings in the mix.
        self._chances = np.sqrt(areas) / np.sqrt(areas).sum()
        self._procedural_share = procedural_share
        self._random = np.random.default_rng(seed)

    def batch(self, count: int, side: int) -> Tensor:
        """`count` crops as (count, 3, side, side), 0..255."""
        return as_tensor([self.crop(side) for _ in range(count)])

    def crop(self, side: int) -> Picture:
        """One crop, varied in scale, orientation and colour; of a painting, as it is."""
        random = self._random
        if self._paintings and random.random() < self._painted_share:
            return _cut(self._paintings[int(random.integers(len(self._paintings)))], side, random)
        if random.random() < self._procedural_share:
            picture = Image.fromarray(draw_procedural(random, int(side * 1.5)))
        else:
            picture = self._pictures[int(random.choice(len(self._pictures), p=self._chances))]
        return augment(_random_crop(picture, side, random), random)

    def add_paintings(self, paintings: Tensor) -> None:
        """Add (N, 3, H, W; 0..255)."""
        levels = paintings.round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        self._paintings.extend(np.ascontiguousarray(picture) for picture in levels)


def _cut(picture: Picture, side: int, random: Random) -> Picture:
    """A part of `picture` without resampling, which would change what its optimiser found; reflected if it is small."""
    short = max(side - picture.shape[0], side - picture.shape[1], 0)
    if short:
        picture = np.pad(picture, ((0, short), (0, short), (0, 0)), mode="reflect")
    top, left = (int(random.integers(extent - side + 1)) for extent in picture.shape[:2])
    part = picture[top : top + side, left : left + side]
    return np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part)


def _random_crop(picture: Image.Image, side: int, random: Random) -> Picture:
    limit = min(picture.size)
    extent = min(side * float(np.exp(random.uniform(np.log(0.6), np.log(3.0)))), limit)
    left = random.uniform(0, picture.width - extent)
    top = random.uniform(0, picture.height - extent)
    box = (left, top, left + extent, top + extent)
    filtering = Image.Resampling.LANCZOS if random.random() < 0.5 else Image.Resampling.BILINEAR
    return np.asarray(picture.resize((side, side), filtering, box=box), dtype=np.uint8)


def augment(picture: Picture, random: Random) -> Picture:
    """Flip, turn, recolour and disturb a square picture."""
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    if random.random() < 0.25:
        picture = picture[::-1]
    if random.random() < 0.25:
        picture = picture.transpose(1, 0, 2)
    x = picture.astype(np.float32)
    if random.random() < 0.25:
        x = x[:, :, random.permutation(3)]
    if random.random() < 0.05:
        x = 255.0 - x
    if random.random() < 0.6:
        x = _jitter_colour(x, random)
    if random.random() < 0.2:
        # Iterates of a painting are grainy long before they are smooth.
        x = x + random.normal(0.0, random.uniform(1.0, 40.0), x.shape).astype(np.float32)
    return np.ascontiguousarray(np.clip(x, 0, 255)).astype(np.uint8)


def _jitter_colour(x: NDArray[np.float32], random: Random) -> NDArray[np.float32]:
    grey = x.mean(axis=2, keepdims=True)
    saturation = 0.0 if random.random() < 0.08 else random.uniform(0.4, 1.7)
    x = grey + (x - grey) * saturation
    mean = x.mean(axis=(0, 1), keepdims=True)
    contrast = np.exp(random.uniform(np.log(0.5), np.log(1.8)))
    shift = random.normal(0.0, 18.0) + random.normal(0.0, 10.0, (1, 1, 3))
    return np.asarray(mean + (x - mean) * contrast + shift, dtype=np.float32)


def draw_procedural(random: Random, side: int) -> Picture:
    """A picture of one of several kinds, chosen at random."""
    kinds: tuple[tuple[Callable[[Random, int], Picture], float], ...] = (
        (dead_leaves, 0.25),
        (coloured_noise, 0.2),
        (strokes, 0.25),
        (gradient, 0.05),
        (edges, 0.1),
        (pattern, 0.15),
    )
    chosen = random.choice(len(kinds), p=[chance for _, chance in kinds])
    return kinds[int(chosen)][0](random, side)


def _palette(random: Random, count: int) -> NDArray[np.float32]:
    """Colours around a common one, so that a drawing has a dominant colour."""
    centre = random.uniform(30, 225, 3)
    spread = random.uniform(10, 110)
    return np.clip(centre + random.normal(0, spread, (count, 3)), 0, 255).astype(np.float32)


def _colour(colours: NDArray[np.float32], random: Random) -> tuple[int, int, int]:
    r, g, b = colours[int(random.integers(len(colours)))]
    return int(r), int(g), int(b)


def dead_leaves(random: Random, side: int) -> Picture:
    """Occluding discs, boxes and polygons of power-law sizes (Lee, Mumford, Huang 2001)."""
    colours = _palette(random, 12)
    image = Image.new("RGB", (side, side), _colour(colours, random))
    pen = ImageDraw.Draw(image)
    smallest = random.uniform(1.5, 6.0)
    for _ in range(int(random.integers(80, 400))):
        radius = min(smallest * random.random() ** -0.5, side / 2)
        x, y = random.uniform(0, side, 2)
        corners = int(random.choice([0, 3, 4, 5]))
        if corners == 0:
            squash = random.uniform(0.5, 1.0)
            pen.ellipse(
                (x - radius, y - radius * squash, x + radius, y + radius * squash),
                fill=_colour(colours, random),
            )
        else:
            angles = np.sort(random.uniform(0, 2 * np.pi, corners))
            points = [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in angles]
            pen.polygon(points, fill=_colour(colours, random))
    drawn = np.asarray(image, dtype=np.float32)
    grain = spectrum(random, side, random.uniform(0.5, 1.5)) * random.uniform(0, 25)
    return np.clip(drawn + grain, 0, 255).astype(np.uint8)


def spectrum(random: Random, side: int, power: float) -> NDArray[np.float32]:
    """Noise of amplitude 1/f^power, unit deviation, (side, side, 3); colours partly alike."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1.0
    stretched = frequency**-power
    stretched[0, 0] = 0.0
    planes = [
        np.fft.irfft2(np.fft.rfft2(random.normal(size=(side, side))) * stretched, s=(side, side)) for _ in range(3)
    ]
    mixing = np.eye(3) + random.uniform(0, 1.5) * np.ones((3, 3)) / 3
    noise = np.stack(planes, axis=2) @ mixing
    return np.asarray(noise / noise.std(), dtype=np.float32)


def coloured_noise(random: Random, side: int) -> Picture:
    """1/f^p noise, p from white (0) to cloudy (2)."""
    noise = spectrum(random, side, random.uniform(0.0, 2.0))
    centre = random.uniform(60, 195, (1, 1, 3))
    return np.clip(centre + noise * random.uniform(15, 90), 0, 255).astype(np.uint8)


def strokes(random: Random, side: int) -> Picture:
    """Brush strokes that follow a smooth field of directions, lit along their bristles."""
    colours = _palette(random, 10)
    image = Image.new("RGB", (side, side), _colour(colours, random))
    pen = ImageDraw.Draw(image)
    wave = random.uniform(0.005, 0.04, 2)
    phase = random.uniform(0, 2 * np.pi, 2)
    turn = random.uniform(0.3, 3.0)
    width = int(random.integers(1, 9))
    length = int(random.integers(4, 16))
    for _ in range(int(random.integers(100, 350))):
        x, y = random.uniform(-10, side + 10, 2)
        points = [(float(x), float(y))]
        for _ in range(length):
            angle = turn * (np.sin(wave[0] * x + phase[0]) + np.cos(wave[1] * y + phase[1]))
            x, y = x + 3 * np.cos(angle), y + 3 * np.sin(angle)
            points.append((float(x), float(y)))
        colour = _colour(colours, random)
        pen.line(points, fill=colour, width=width, joint="curve")
        if width > 3:
            lighter = tuple(min(255, channel + 35) for channel in colour)
            pen.line([(px - 1, py - 1) for px, py in points], fill=lighter, width=1)
    if random.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.2)))
    return np.asarray(image, dtype=np.uint8)


def _coordinates(random: Random, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A turned pair of axes, in pixels from a random origin."""
    ys, xs = np.mgrid[0:side, 0:side].astype(np.float64)
    xs, ys = xs - random.uniform(0, side), ys - random.uniform(0, side)
    angle = random.uniform(0, 2 * np.pi)
    return xs * np.cos(angle) + ys * np.sin(angle), ys * np.cos(angle) - xs * np.sin(angle)


def _blend(amount: NDArray[np.float64], random: Random) -> Picture:
    """Between two colours, by `amount` 0..1."""
    first, second = random.uniform(0, 255, 3), random.uniform(0, 255, 3)
    mixed = first + amount[:, :, None] * (second - first)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def gradient(random: Random, side: int) -> Picture:
    """A linear or radial gradient between two colours."""
    along, across = _coordinates(random, side)
    ramp = along if random.random() < 0.5 else np.hypot(along, across)
    ramp = (ramp - ramp.min()) / (np.ptp(ramp) + 1e-9)
    return _blend(ramp ** random.uniform(0.5, 2.0), random)


def edges(random: Random, side: int) -> Picture:
    """A few straight or curved edges, sharp or soft, over noise."""
    picture = coloured_noise(random, side).astype(np.float64) * 0.3
    for _ in range(int(random.integers(1, 5))):
        along, across = _coordinates(random, side)
        curve = along + random.uniform(-0.01, 0.01) * across**2
        soft = 1.0 / (1.0 + np.exp(-np.clip(curve / random.uniform(0.2, 6.0), -30, 30)))
        picture += (soft[:, :, None] - 0.5) * random.uniform(-120, 120, 3) + random.uniform(0, 50)
    return np.clip(picture, 0, 255).astype(np.uint8)


def pattern(random: Random, side: int) -> Picture:
    """Stripes, checks, rings or dots, sharp or soft."""
    along, across = _coordinates(random, side)
    period = np.exp(random.uniform(np.log(3.0), np.log(48.0)))
    first, second = (
        np.sin(2 * np.pi * along / period),
        np.sin(2 * np.pi * across / (period * random.uniform(0.5, 2.0))),
    )
    waves = (
        first,
        first * second,
        np.sin(2 * np.pi * np.hypot(along, across) / period),
        first + second,
        np.sin(2 * np.pi * along / period + 3 * np.sin(across / period)),
    )
    wave = waves[int(random.integers(len(waves)))]
    hardness = np.exp(random.uniform(np.log(0.7), np.log(12.0)))
    return _blend(0.5 + 0.5 * np.tanh(hardness * wave) / np.tanh(hardness), random)
