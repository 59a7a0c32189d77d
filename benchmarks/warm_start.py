"""``python -m benchmarks.warm_start``: evaluations needed after a slider was moved.

The gallery's three pairs with the default network and the default recipe. Each painting is first made from its picture.
Then one slider is moved, and the new painting is made twice: cold, like the first one, and warm, as the daemon does
when a job continues another. The benchmark counts the warm evaluations until the loss is at most the cold painting's
final loss, both computed by the engine.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from gramarye.engine.images.inputs import StyleInput
from gramarye.engine.images.iterate import Iterate
from gramarye.engine.images.pictures import Picture
from gramarye.engine.paint import paint
from gramarye.engine.recipe import DEFAULT_PRESET, Recipe, presets
from gramarye.engine.vgg.network import Network
from gramarye.engine.warm_start import early_stop, warm_start_recipe
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture, to_u16_buffer

from .engine.cases import load_installed_network
from .engine.pairs import PAIRS

AIM = 0.25


@dataclass(frozen=True, eq=False)
class PaintRequest:
    """What to paint: the content, (H, W, 3) RGB 0..1, a style and the recipe."""

    content: Picture
    style: StyleInput
    recipe: Recipe

    def cold(self, network: Network) -> list[Iterate]:
        """Paint from the content."""
        return _all(paint(self.content, [self.style], self.recipe, network))

    def warm(self, network: Network, start: Picture) -> list[Iterate]:
        """Continue an earlier painting."""
        size = (self.content.shape[0], self.content.shape[1])
        recipe = warm_start_recipe(self.recipe, size, (start.shape[0], start.shape[1]))
        return _all(early_stop(paint(self.content, [self.style], recipe, network, start=start)))


SLIDERS: dict[str, Callable[[PaintRequest], PaintRequest]] = {
    "content weight x 1.6": lambda request: _with_recipe(request, content_weight=1.6 * request.recipe.content_weight),
    "style scale x 0.8": lambda request: replace(
        request, style=replace(request.style, scale=0.8 * request.style.scale)
    ),
    "smoothness x 2": lambda request: _with_recipe(request, tv_weight=2.0 * request.recipe.tv_weight),
}


@dataclass(frozen=True)
class Measurement:
    """Numbers of evaluations, plain and in full-size equivalents (weighted by pixels).

    ``warm`` is None if the cold painting's loss was not reached; ``final_loss_ratio`` is the warm final loss over the
    cold one.
    """

    name: str
    first: int
    cold: int
    cold_area: float
    warm: int | None
    warm_in_all: int
    final_loss_ratio: float

    @property
    def ratio(self) -> float | None:
        """Warm evaluations over the first painting's."""
        return None if self.warm is None else self.warm / self.first

    def __str__(self) -> str:
        ratio = "not reached" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = "met" if self.ratio is not None and self.ratio <= AIM else "missed"
        warm = "-" if self.warm is None else self.warm
        return (
            f"| {self.name} | {self.first} | {self.cold} ({self.cold_area:.0f}) | {warm} | {ratio} | {verdict}"
            f" | {self.warm_in_all}, to {self.final_loss_ratio:.3f} |"
        )


def measurements(network: Network, side: int) -> Generator[Measurement, None, None]:
    """The measurements of every pair and slider."""
    for content, style in PAIRS:
        pictures = (to_picture(read_picture(path, max_side=side)) for path in (content, style))
        request = PaintRequest(next(pictures), StyleInput(next(pictures)), presets()[DEFAULT_PRESET].recipe)
        first = request.cold(network)
        start = to_picture(to_u16_buffer(first[-1].best_picture()))  # as the daemon stores it
        for name, change in SLIDERS.items():
            moved = change(request)
            cold, warm = moved.cold(network), moved.warm(network, start)
            goal = _loss(cold[-1])
            reached = next((number for number, iterate in enumerate(warm, 1) if _loss(iterate) <= goal), None)
            yield Measurement(
                f"{style.stem.removeprefix('style-')}, {name}",
                len(first),
                len(cold),
                sum(iterate.height * iterate.width for iterate in cold) / (cold[-1].height * cold[-1].width),
                reached,
                len(warm),
                _loss(warm[-1]) / goal,
            )


def _with_recipe(request: PaintRequest, **values: float) -> PaintRequest:
    return replace(request, recipe=replace(request.recipe, **values))  # type: ignore[arg-type]  # only weights change


def _all(iterates: Generator[Iterate, None, None]) -> list[Iterate]:
    """All iterates' numbers, and the last picture; the others' memory is released."""
    told: list[Iterate] = []
    for iterate in iterates:
        if told:
            told[-1] = replace(told[-1], current=iterate.centre, best=iterate.centre)
        told.append(iterate)
    return told


def _loss(iterate: Iterate) -> float:
    assert iterate.best_loss is not None, "every step has a loss"
    return iterate.best_loss


def _summary(found: Sequence[Measurement]) -> str:
    ratios = [measurement.ratio for measurement in found if measurement.ratio is not None]
    met = sum(ratio <= AIM for ratio in ratios)
    middle = f"median {statistics.median(ratios):.2f}, " if ratios else ""
    return f"\n{middle}{met} of {len(found)} met the aim of {AIM}"


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=384, help="longest side of the pictures")
    side = parser.parse_args().side
    network = load_installed_network()
    print(f"network {network.name}, longest side {side} px")
    print("| | first painting | cold (in full-size ones) | warm to its loss | warm / first | aim 1/4 | warm in all |")
    print("|---|---|---|---|---|---|---|")
    found = []
    for measurement in measurements(network, side):
        print(measurement, flush=True)
        found.append(measurement)
    print(_summary(found))


if __name__ == "__main__":
    main()
