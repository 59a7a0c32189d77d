"""The network format: float16 safetensors, `conv1_1.weight` (out, in, 3, 3), `conv1_1.bias` (out) and so on,
and `relu1_1.readout` (out, out; float32) for each tap.

The filters act on RGB 0..255 minus the `mean` of the metadata; zero padding, pooling 2x2, rounding up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from networks import CONVOLUTIONS, MEAN_RGB, TAPS, Filters
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

FORMAT = "gramarye-network-1"
LINEAGE = "Gramarye's own, trained to answer as VGG19 (Oxford) does; weights/draft/MODEL_CARD.md tells how."


@dataclass(frozen=True)
class Network:
    """Convolutions that act on RGB 0..255 minus `mean` (1, 3, 1, 1), and readouts (C, C) by tap, in float32."""

    filters: Filters
    mean: Tensor
    readouts: dict[str, Tensor]


def write(path: Path, filters: Mapping[str, tuple[Tensor, Tensor]], readouts: Mapping[str, Tensor]) -> None:
    """Write `filters`, which act on RGB 0..255 minus MEAN_RGB, and `readouts` by tap, atomically.

    Raises ValueError where float16 cannot hold a value.
    """
    tensors: dict[str, Tensor] = {}
    for name, (weight, bias) in filters.items():
        tensors[f"{name}.weight"] = weight.detach().to(torch.float16).contiguous()
        tensors[f"{name}.bias"] = bias.detach().to(torch.float16).contiguous()
    for tap, matrix in readouts.items():
        tensors[f"{tap}.readout"] = matrix.contiguous()
    broken = [key for key, value in tensors.items() if not bool(value.isfinite().all())]
    if broken:
        raise ValueError(f"float16 cannot hold {', '.join(broken)}: the network's channels are scaled wrongly.")
    metadata = {"format": FORMAT, "name": "draft", "lineage": LINEAGE, "mean": json.dumps(list(MEAN_RGB))}
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, metadata)
    partial.chmod(0o644)  # safetensors creates files for the owner only
    os.replace(partial, path)


def read(path: Path) -> Network:
    """The network in `path`. Raises ValueError where the file is of another format."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise ValueError(f"{path} is not a {FORMAT} file: it says {metadata.get('format')!r}.")
        filters = {
            name: (file.get_tensor(f"{name}.weight").float(), file.get_tensor(f"{name}.bias").float())
            for name in CONVOLUTIONS
        }
        readouts = {tap: file.get_tensor(f"{tap}.readout") for tap in TAPS}
    return Network(filters, torch.tensor(json.loads(metadata["mean"])).view(1, 3, 1, 1), readouts)
