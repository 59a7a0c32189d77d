"""Masks propagated to the layers of a network, and weighted Gram matrices, from their definitions."""

import numpy as np

from reference.arrays import Array

LAYERS_PER_BLOCK = (2, 2, 4, 4, 4)


def guide(mask: Array, block: int, convolution: int) -> Array:
    """Return a mask (H, W) propagated through convolution ``convolution`` of ``block``, both counted from 1."""
    for number in range(1, block + 1):
        last = convolution if number == block else LAYERS_PER_BLOCK[number - 1]
        for _ in range(last):
            mask = mean3(mask)
        if number < block:
            mask = mean2(mask)
    return mask


def mean3(mask: Array) -> Array:
    """Return the mean over the 3 x 3 window around each position, clipped at the borders."""
    return np.array(
        [
            [mask[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].mean() for x in range(mask.shape[1])]
            for y in range(mask.shape[0])
        ]
    )


def mean2(mask: Array) -> Array:
    """Return the mean over each 2 x 2 window of stride 2, clipped at the far borders."""
    return np.array(
        [[mask[y : y + 2, x : x + 2].mean() for x in range(0, mask.shape[1], 2)] for y in range(0, mask.shape[0], 2)]
    )


def gram(features: Array, weight: Array) -> Array:
    """Return sum w f f^T / sum w over the positions of features (H, W, C) with weights (H, W)."""
    result: Array = np.einsum("hw,hwc,hwd->cd", weight, features, features) / weight.sum()
    return result


def covariance(features: Array, weight: Array) -> Array:
    """Return `gram` minus the outer product of the weighted means."""
    mean = np.einsum("hw,hwc->c", weight, features) / weight.sum()
    return gram(features, weight) - np.outer(mean, mean)


def gram_gradient(features: Array, weight: Array, upstream: Array) -> Array:
    """d/dF of <upstream, gram(F)>: w F (D + D^T) / sum w."""
    result: Array = weight[..., None] * (features @ (upstream + upstream.T)) / weight.sum()
    return result
