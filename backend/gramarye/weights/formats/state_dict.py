"""Finds VGG19's convolutions among arrays with names. Three naming schemes are known:

- ``features.N.weight``: torchvision and its followers (N also counts ReLUs and pools);
- ``conv1_1.weight``: the paper's names, as used by Caffe;
- ``conv11.weight`` with ``conv0``: networks distilled from VGG19, with their own preprocessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...engine.vgg.layers import CONVOLUTIONS, CONVOLUTIONS_PER_BLOCK
from ..layout import Array, Convolution, check_shapes, malformed


@dataclass(frozen=True)
class LazyArrays:
    """The arrays of a file: their shapes by key, and ``get`` to read one array."""

    shapes: Mapping[str, tuple[int, ...]]
    get: Callable[[str], Array]


@dataclass(frozen=True)
class NamedConvolutions:
    """Convolutions under VGG19's names; ``naming`` is ``features``, ``paper`` or ``distilled``."""

    convolutions: dict[str, Convolution]
    naming: str


def _feature_positions() -> dict[int, str]:
    """Return names by index in torchvision's ``vgg19().features``, which also counts ReLUs and pools."""
    positions: dict[int, str] = {}
    position = 0
    for block, count in enumerate(CONVOLUTIONS_PER_BLOCK, start=1):
        for index in range(1, count + 1):
            positions[position] = f"conv{block}_{index}"
            position += 2
        position += 1
    return positions


TORCHVISION_FEATURES = _feature_positions()


def find_convolutions(arrays: LazyArrays) -> NamedConvolutions:
    """Return the convolutions among ``arrays``; other keys (a classifier's) are ignored.

    Errors: ``weights-malformed``.
    """
    for naming, name_of in (("features", _from_features), ("paper", _from_paper), ("distilled", _from_distilled)):
        keys = {name: key for key in arrays.shapes if (name := name_of(key))}
        if keys:
            return NamedConvolutions(_read(arrays, keys), naming)
    some = ", ".join(sorted(arrays.shapes)[:4]) or "nothing"
    raise malformed(f"It holds no convolutions under known names of VGG19; it holds {some}.")


def _read(arrays: LazyArrays, keys: Mapping[str, str]) -> dict[str, Convolution]:
    biases = {name: key.removesuffix("weight") + "bias" for name, key in keys.items()}
    missing = [key for key in biases.values() if key not in arrays.shapes]
    if missing:
        raise malformed(f"It lacks {', '.join(missing)}.")
    check_shapes({name: (arrays.shapes[keys[name]], arrays.shapes[biases[name]]) for name in keys})
    return {name: Convolution(arrays.get(keys[name]), arrays.get(biases[name])) for name in keys}


def _from_features(key: str) -> str:
    match = re.fullmatch(r"features\.(\d{1,3})\.weight", key)
    if not match:
        return ""
    name = TORCHVISION_FEATURES.get(int(match[1]))
    if name is None:
        raise malformed(f"{key} is not a convolution of VGG19: this is another network, such as VGG16 or VGG19-BN.")
    return name


def _from_paper(key: str) -> str:
    name = key.removesuffix(".weight")
    return name if key.endswith(".weight") and name in CONVOLUTIONS else ""


def _from_distilled(key: str) -> str:
    match = re.fullmatch(r"conv(\d)(\d)\.weight", key)
    name = f"conv{match[1]}_{match[2]}" if match else ""
    return name if name in CONVOLUTIONS else ""
