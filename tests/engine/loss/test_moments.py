"""The moments (covariance and mean), with and without weights, against the reference."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.support import array, assert_close, engine_network, pixels, recipe, tensor
from gramarye.engine.loss.objective import build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.statistics import moments
from reference import vgg
from reference.statistics import statistic


def features(size: tuple[int, int] = (23, 31), channels: int = 7) -> torch.Tensor:
    return torch.rand((1, channels, *size), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_the_last_row_is_the_mean_and_the_others_are_the_covariance() -> None:
    assert_close(moments(features()).numpy(), statistic(array(features()), "moments"), 1e-12)


def test_an_integer_weight_repeats_a_position() -> None:
    x = features().requires_grad_()
    weight = torch.randint(0, 4, (1, 1, 23, 31), generator=torch.Generator().manual_seed(2)).double()
    repeated = np.repeat(array(x).reshape(-1, 7), weight.flatten().long().numpy(), axis=0)
    measured = moments.matrix(moments.sums(x, weight), float(weight.sum()))
    assert_close(measured.detach().numpy(), statistic(repeated[:, np.newaxis], "moments"), 1e-12)
    direction = torch.randn(measured.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda at: (moments.sums(at, weight) * direction).sum(), x)
    (gradient,) = torch.autograd.grad(measured.sum(), x)
    assert not gradient[(weight == 0.0).expand_as(gradient)].any()


def test_equal_weights_change_nothing() -> None:
    weight = torch.full((1, 1, 23, 31), 0.3, dtype=torch.float64)
    measured = moments.matrix(moments.sums(features(), weight), float(weight.sum()))
    assert_close(measured.numpy(), moments(features()).numpy(), 1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_bfloat16_features_are_summed_in_float32(weighted: bool) -> None:
    x = (features((200, 201)) + 1.0).to(torch.bfloat16)
    weight = torch.full((1, 1, 200, 201), 0.3) if weighted else None
    measured = moments.matrix(
        moments.sums(x, weight), float(weight.sum()) if weighted and weight is not None else 40200
    )
    assert measured.dtype == torch.float32
    assert_close(measured.double().numpy(), statistic(array(x), "moments"), 1e-4)


@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
def test_under_relative_an_all_zero_painting_costs_the_style_weight(statistic: str) -> None:
    network = engine_network(vgg.random_network())
    chosen = recipe(statistic=statistic, style_layers=["relu1_1", "relu3_1"], style_weight=1.0, content_weight=0.0)
    style = tensor(pixels((32, 48), 3))
    (term,) = build_objective(chosen, network, style, [StylePicture(style, 1.0)]).terms
    channels = {tap: network.convolutions[tap.replace("relu", "conv")].weight.shape[0] for tap in term.term.taps}
    nothing = {tap: torch.zeros((count + 1, count), dtype=torch.float64) for tap, count in channels.items()}
    if statistic == "gram":
        nothing = {tap: sums[:-1] for tap, sums in nothing.items()}
    assert float(term.term.value(nothing, dict.fromkeys(nothing, 100))) == pytest.approx(1.0, rel=1e-12)
