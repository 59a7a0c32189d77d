"""VGG19: every layer by its name in the seed, forward and backward.

Source: Simonyan & Zisserman, arXiv:1409.1556, table 1, column E; the names are those of the seed's table.
"""

from collections.abc import Iterable

import numpy as np

from reference import layers
from reference.arrays import Array, Network, Taps

CONVOLUTIONS_PER_BLOCK = (2, 2, 4, 4, 4)


def _layer_table() -> tuple[str, ...]:
    names: list[str] = []
    for block, count in enumerate(CONVOLUTIONS_PER_BLOCK, start=1):
        for index in range(1, count + 1):
            names += [f"conv{block}_{index}", f"relu{block}_{index}"]
        names.append(f"pool{block}")
    return tuple(names[:-1])  # the seed has no pool5


LAYERS = _layer_table()
"""conv1_1, relu1_1, conv1_2, relu1_2, pool1, ... conv5_4, relu5_4: 36 names in order."""


def deepest(names: Iterable[str]) -> str:
    """Return the last of some layers in network order. Raises ValueError for an unknown name or no names."""
    return LAYERS[max(_index(name) for name in names)]


def random_network(
    widths: tuple[int, int, int, int, int] = (4, 6, 8, 8, 8),
    seed: int = 0,
    depth: str = "conv5_1",
    bias_scale: float = 10.0,
) -> dict[str, tuple[Array, Array]]:
    """Return random weights in VGG19's layout, with `widths[b]` channels in block b + 1, up to layer `depth`.

    Kernels are normal with variance 2 / (9 in), so that activations keep the pixels' magnitude (He et al.,
    arXiv:1502.01852, equation 10); biases are normal with deviation `bias_scale`, large enough to matter.
    """
    generator = np.random.default_rng(seed)
    network: dict[str, tuple[Array, Array]] = {}
    channels = 3
    for name in LAYERS[: _index(depth) + 1]:
        if name.startswith("conv"):
            width = widths[int(name[4]) - 1]
            kernel = generator.standard_normal((width, channels, 3, 3)) * np.sqrt(2.0 / (9 * channels))
            network[name] = (kernel, bias_scale * generator.standard_normal(width))
            channels = width
    return network


def forward(network: Network, x: Array, depth: str | None = None) -> dict[str, Array]:
    """Return every tap up to and including `depth`, in order, for centred pixels x (H, W, 3).

    Without `depth`, return all layers for which the network has weights, with the last ReLU (and pooling, if VGG19 has
    one there). Raises KeyError if `depth` lies beyond the weights, ValueError if it is not a layer.
    """
    taps: dict[str, Array] = {}
    output = np.asarray(x, dtype=np.float64)
    for name in LAYERS if depth is None else LAYERS[: _index(depth) + 1]:
        if name.startswith("conv"):
            if depth is None and name not in network:
                break
            output = layers.conv3x3(output, *network[name])
        elif name.startswith("relu"):
            output = layers.relu(output)
        else:
            output = layers.max_pool(output)
        taps[name] = output
    return taps


def backward(network: Network, taps: Taps, tap_gradients: Taps) -> Array:
    """Return dL/dx (H, W, 3), where L depends on x through some taps and `tap_gradients` holds dL/d(tap) for each.

    `taps` is the result of `forward`, at least as deep as the deepest gradient. Chain rule: the gradient is propagated
    from each layer to its input, and at each tap its own gradient is added.
    """
    names = LAYERS[: _index(deepest(tap_gradients)) + 1]
    gradient = np.zeros_like(taps[names[-1]])
    for index in reversed(range(len(names))):
        name = names[index]
        if name in tap_gradients:
            gradient = gradient + tap_gradients[name]
        if name.startswith("conv"):
            gradient = layers.conv3x3_gradient(network[name][0], gradient)
        elif name.startswith("relu"):
            gradient = layers.relu_gradient(taps[names[index - 1]], gradient)
        else:
            gradient = layers.max_pool_gradient(taps[names[index - 1]], gradient)
    return gradient


def _index(name: str) -> int:
    if name not in LAYERS:
        raise ValueError(f"{name} is no layer of VGG19")
    return LAYERS.index(name)
