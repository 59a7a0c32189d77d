"""A painting keeps its layer's group, mask, selection, filters, offset and colour space."""

from __future__ import annotations

from typing import Any

import pytest

from editors.gimp.conftest import Gimp

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def results(bare_gimp: Gimp, _daemon: None) -> dict[str, Any]:
    findings: dict[str, Any] = bare_gimp.run("fidelity")
    return findings


def test_the_painting_lies_above_its_layer_in_its_group(results: dict[str, Any]) -> None:
    name = "Gramarye stained glass, strength 60"
    assert results["group"] == {"siblings": ["above", name, "layer", "below"], "name": name}


def test_a_layer_mask_is_copied_and_the_pixels_under_it_are_painted(results: dict[str, Any]) -> None:
    assert results["layer mask"] == {"same mask": True, "same pixels": True, "applies": False}


def test_a_feathered_selection_becomes_the_paintings_alpha(results: dict[str, Any]) -> None:
    assert results["selection"]["soft"] > 50
    assert results["selection"]["apart"] <= 1
    assert results["selection"]["place"] == [10, 4]


def test_a_layer_without_alpha_gets_one_where_a_part_is_selected(results: dict[str, Any]) -> None:
    assert results["selection of an opaque layer"] == {"has alpha": True, "opaque": 400}


def test_live_filters_are_painted_and_stay(results: dict[str, Any]) -> None:
    assert results["filters"] == {"apart": 0, "filters left": 1, "layers": 2}


def test_a_painting_differs_from_its_layer_and_leaves_it_alone(results: dict[str, Any]) -> None:
    assert results["painted"]["alpha"]
    assert results["painted"]["layer"]
    assert results["painted"]["changed"] > 5


@pytest.mark.parametrize("space", ["linear", "Adobe", "Adobe, linear", "Adobe, perceptual"])
def test_in_every_space_the_painting_looks_the_same(results: dict[str, Any], space: str) -> None:
    assert results["spaces"][space] < 5  # of 255; 14 if Adobe's profile is ignored, 43 in linear light
