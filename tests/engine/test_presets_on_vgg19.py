"""The presets on VGG19 itself: against their sources' recipes in plain PyTorch, and the default's painting.

Adam is deterministic and is compared step by step. L-BFGS is not the same algorithm in the engine as in PyTorch: the
engine starts from another inverse Hessian, bounds its steps and takes back those that raise the loss. There the loss is
compared at the engine's own pictures, the first step with the gradient, and the loss that both reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from engine.support import recipe
from gramarye.engine.images.recolour import palette, recolour
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.paint import Iterate, StyleInput, paint
from gramarye.engine.vgg.network import Network
from gramarye.weights.store import find_network, load
from reference.torch_recipes import (
    STYLE_LAYERS,
    Objective,
    TorchVGG19,
    gatys_objective,
    neural_style_objective,
    raw_gram,
    run_adam,
    run_lbfgs,
    seed_objective,
    total,
)
from support.homes import REPOSITORY

GALLERY = REPOSITORY / "backend" / "gramarye" / "gallery"

MEAN = (123.68, 116.779, 103.939)
"""Oxford's RGB mean, which the sources of `gatys` and `neural-style` subtract."""

SOURCES = {
    "seed": (seed_objective, (128.0, 128.0, 128.0)),
    "gatys": (gatys_objective, MEAN),
    "neural-style": (neural_style_objective, MEAN),
}
"""Each preset's objective as its source has it, and what the source subtracts from the pixels."""

LEARNING_RATES = {"seed": 10.0, "gatys": 10.0, "neural-style": 1.0}
"""The seed's and neural-style-pt's own; Gatys' notebook has no Adam."""


def gallery_picture(name: str, height: int, width: int, factor: int) -> NDArray[np.float32]:
    """The top left of a gallery picture, (height, width, 3), after averaging squares of ``factor`` pixels."""
    pixels = np.asarray(Image.open(GALLERY / name).convert("RGB"), np.float64)[: height * factor, : width * factor]
    squares = pixels.reshape(height, factor, width, factor, 3)
    averaged: NDArray[np.float32] = (squares.mean(axis=(1, 3)) / 255.0).astype(np.float32)
    return averaged


def centred(picture: NDArray[np.float32], centre: tuple[float, float, float]) -> Tensor:
    """(H, W, 3) RGB 0..1 -> (1, 3, H, W) in levels of 255 minus ``centre``."""
    levels = 255.0 * picture.astype(np.float64) - np.array(centre)
    return torch.tensor(levels.transpose(2, 0, 1)[np.newaxis], dtype=torch.float32)


def relative_error(actual: Tensor, wanted: Tensor) -> float:
    """The squared distance, relative to that from 0."""
    return float((actual - wanted).square().sum() / wanted.square().sum())


CONTENT = gallery_picture("content.png", 48, 64, 9)
STYLE = gallery_picture("style-swirls.png", 64, 64, 9)
"""Sides that no pooling has to round, at which all sources agree; the style needs no resizing."""


@dataclass(frozen=True, eq=False)
class VGG19:
    """The same weights for both sides."""

    engine: Network
    reference: TorchVGG19

    def paint(self, preset: str, **values: Any) -> list[Iterate]:
        """The engine's iterates."""
        return list(paint(CONTENT, [StyleInput(STYLE)], recipe(preset, **values), self.engine))

    def objective(self, preset: str) -> Objective:
        """The source's objective."""
        build, centre = SOURCES[preset]
        return build(self.reference, centred(CONTENT, centre), centred(STYLE, centre))

    def grams(self, x: Tensor) -> dict[str, Tensor]:
        """The Gram matrices of a picture (1, 3, H, W), divided by the positions."""
        features = self.reference.features(x, STYLE_LAYERS)
        return {layer: raw_gram(found) / found[0, 0].numel() for layer, found in features.items()}


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory: pytest.TempPathFactory) -> VGG19:
    """The network that comes with the installation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAMARYE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        info = find_network("vgg19-8bit")
        arrays = load(info)
    return VGG19(Network.from_arrays(info.name, arrays, info.mean), TorchVGG19(arrays))


@pytest.mark.parametrize(("preset", "steps"), [("seed", 20), ("gatys", 5), ("neural-style", 5)])
def test_adam_takes_the_losses_of_the_source(vgg19: VGG19, preset: str, steps: int) -> None:
    (start,) = vgg19.paint(preset, steps=0)
    expected = run_adam(vgg19.objective(preset), start.current, steps, LEARNING_RATES[preset])
    iterates = vgg19.paint(preset, steps=steps, optimiser="adam")
    assert [iterate.loss for iterate in iterates] == pytest.approx(expected, rel=0.002)
    assert iterates[0].loss == pytest.approx(expected[0], rel=1e-5)


@pytest.mark.parametrize("preset", ["gatys", "neural-style"])
def test_lbfgs_minimises_the_loss_of_the_source_and_falls_faster(vgg19: VGG19, preset: str) -> None:
    objective = vgg19.objective(preset)
    (start,) = vgg19.paint(preset, steps=0)
    iterates = vgg19.paint(preset, steps=12)
    for number in (1, 5, 12):
        iterate = iterates[number - 1]
        with torch.no_grad():
            expected = {name: float(term) for name, term in objective(iterate.current).items()}
        assert iterate.parts.keys() == expected.keys()
        for name, value in expected.items():  # the source leaves two borders out of the total variation
            assert iterate.parts[name] == pytest.approx(value, rel=0.05 if name == "tv" else 1e-5), (number, name)
        assert iterate.loss == pytest.approx(sum(expected.values()), rel=1e-4)
    x = start.current.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(total(objective, x), x)
    first = iterates[0].current - start.current
    assert float(torch.cosine_similarity(first.flatten(), -gradient.flatten(), dim=0)) > 1.0 - 1e-5
    best = iterates[-1].best_loss
    assert best is not None
    assert best < min(run_lbfgs(objective, start.current, 12))


def test_neural_style_starts_from_the_noise_of_its_source(vgg19: VGG19) -> None:
    """``torch.randn(...) * 0.001`` in the units of the network's input: a thousandth of a level around the mean."""
    (start,) = vgg19.paint("neural-style", steps=0)
    assert float(start.current.std()) == pytest.approx(0.001, rel=0.05)


def test_the_default_paints_the_styles_gram_matrices_and_keeps_the_forms(vgg19: VGG19) -> None:
    content, style = gallery_picture("content.png", 80, 128, 5), gallery_picture("style-waves.png", 128, 128, 4)
    *_, last = paint(content, [StyleInput(style)], recipe("painting", steps=20), vgg19.engine)
    before, target = centred(content, MEAN), centred(style, MEAN)
    recoloured = recolour(before, palette([StylePicture(target, 1.0)]))
    painted = centred(last.best_picture(), MEAN)
    with torch.no_grad():
        wanted = vgg19.grams(target)
        errors = {
            name: {layer: relative_error(gram, wanted[layer]) for layer, gram in vgg19.grams(x).items()}
            for name, x in (("content", before), ("recoloured", recoloured), ("painted", painted))
        }
        forms, shown = (vgg19.reference.features(x, ["relu4_1"])["relu4_1"] for x in (before, painted))
    for layer in STYLE_LAYERS:
        assert errors["painted"][layer] < 0.5 * errors["recoloured"][layer], (layer, errors)
        assert errors["painted"][layer] < 0.5 * errors["content"][layer], (layer, errors)
    assert max(errors["painted"][layer] for layer in STYLE_LAYERS[:4]) < 0.15, errors
    assert relative_error(shown, forms) < 0.65
