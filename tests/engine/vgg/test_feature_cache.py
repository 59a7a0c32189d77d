"""The feature cache: hits for equal requests only, eviction, and the size limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.support import pixels, recipe, small_network, tensor
from gramarye.engine.loss import objective
from gramarye.engine.loss.objective import build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.style_sources import StyleSource
from gramarye.engine.loss.terms import ContentTerm, StyleTerm
from gramarye.engine.recipe import Recipe
from gramarye.engine.vgg import feature_cache as cache_module
from gramarye.engine.vgg.feature_cache import MAX_PICTURES, FeatureCache
from gramarye.engine.vgg.network import Network


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """The style pictures that were measured rather than found in the cache."""
    seen: list[torch.Tensor] = []
    original = StyleSource._measure

    def counting(source, network, measure):  # type: ignore[no-untyped-def]  # as the original
        seen.append(source.x)
        return original(source, network, measure)

    monkeypatch.setattr(StyleSource, "_measure", counting)
    return seen


def targets(chosen: Recipe, network: Network, style: torch.Tensor) -> list[torch.Tensor]:
    built = build_objective(chosen, network, tensor(pixels((32, 48), 1)), [StylePicture(style, 1.0)])
    (term,) = [weighted.term for weighted in built.terms if weighted.name == "style"]
    assert isinstance(term, StyleTerm)
    return [target.value for of_tap in term.targets.values() for target in of_tap]


def test_a_style_is_measured_once_per_size_statistic_network_and_dtype(measured: list[torch.Tensor]) -> None:
    network, style = small_network(torch.float64), tensor(pixels((40, 52), 2))
    first = targets(recipe(), network, style)
    again = targets(recipe(content_weight=3.0), network.to(torch.device("cpu"), torch.float64), style.clone())
    assert len(measured) == 1
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    targets(recipe(statistic="covariance"), network, style)
    targets(recipe(style_layers=["relu1_1"]), network, style)
    targets(recipe(), network, style[:, :, :32].contiguous())
    targets(recipe(), network, style + 1e-9)
    targets(recipe(), replace(network, feature_cache=FeatureCache()), style)
    targets(recipe(), network.to(torch.device("cpu"), torch.float32), style)
    assert len(measured) == 7


def test_the_least_recently_used_entry_is_evicted() -> None:
    known = FeatureCache()
    calls: list[int] = []

    def recall(number: int) -> None:
        def measure() -> dict[str, torch.Tensor]:
            calls.append(number)
            return {}

        known.get_or_measure("gram", torch.full((1, 3, 2, 2), float(number)), measure)

    for number in range(MAX_PICTURES + 1):
        recall(number)
    recall(1)
    recall(0)
    assert calls == [*range(MAX_PICTURES + 1), 0]


def content_targets(chosen: Recipe, network: Network, content: torch.Tensor) -> list[torch.Tensor]:
    built = build_objective(chosen, network, content, [StylePicture(tensor(pixels((40, 52), 2)), 1.0)])
    (term,) = [weighted.term for weighted in built.terms if weighted.name == "content"]
    assert isinstance(term, ContentTerm)
    return [target.value for target in term.targets.values()]


def test_content_is_measured_once_per_size_layers_network_and_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    original = objective._content_features

    def counting(network, content, layers, segments):  # type: ignore[no-untyped-def]  # as the original
        seen.append(content)
        return original(network, content, layers, segments)

    monkeypatch.setattr(objective, "_content_features", counting)
    network, content = small_network(torch.float64), tensor(pixels((32, 48), 1))
    first = content_targets(recipe(), network, content)
    again = content_targets(recipe(style_weight=3.0, statistic="covariance"), network, content.clone())
    assert len(seen) == 1
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    content_targets(recipe(), small_network(torch.float64), content)
    content_targets(recipe(content_layers=["relu3_1"]), network, content)
    content_targets(recipe(), network, content[:, :, :, :32].contiguous())
    content_targets(recipe(), network, content + 1e-9)
    content_targets(recipe(), network.to(torch.device("cpu"), torch.float32), content)
    assert len(seen) == 6


def test_the_cache_is_limited_in_bytes_and_skips_large_entries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache_module, "MAX_BYTES", 1000)
    monkeypatch.setattr(cache_module, "MAX_ENTRY_BYTES", 400)
    known = FeatureCache()
    calls: list[int] = []

    def recall(number: int, size: int) -> None:
        def measure() -> dict[str, torch.Tensor]:
            calls.append(number)
            return {"relu1_1": torch.zeros(size, dtype=torch.uint8)}

        known.get_or_measure("gram", torch.full((1, 3, 2, 2), float(number)), measure)

    recall(0, 401)
    recall(0, 401)  # too large to be kept
    for number in (1, 2, 3, 1, 2, 3):
        recall(number, 400)  # two fit: the third was always evicted just before
    recall(3, 400)
    recall(4, 200)
    recall(3, 400)
    assert calls == [0, 0, 1, 2, 3, 1, 2, 3, 4]
