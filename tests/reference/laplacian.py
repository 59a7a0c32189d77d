"""The Laplacian loss of Li, Xu, Nie & Chua (arXiv:1707.01253), with the linear maps as explicit matrices."""

import numpy as np

from reference.arrays import Array
from reference.terms import ArrayTerm, Normalisation


def laplacians(pixels: Array, pool: int) -> Array:
    """(H, W, 3) -> (H // pool - 2, W // pool - 2): Laplacian of the means over whole windows, summed over channels."""
    rows, columns = _averaging(pixels.shape[0], pool), _averaging(pixels.shape[1], pool)
    mean = np.asarray(rows @ pixels.sum(axis=2) @ columns.T)
    across = _second_difference(mean.shape[0]) @ mean @ _inner(mean.shape[1]).T
    result: Array = across + _inner(mean.shape[0]) @ mean @ _second_difference(mean.shape[1]).T
    return result


def laplacian_loss(pixels: Array, content: Array, pools: tuple[int, ...], normalisation: Normalisation) -> ArrayTerm:
    """Return the loss summed over pools. With the difference D of Laplacians, and the content's Laplacian T:

    sum: 1/2 sum D^2; mean: mean D^2; relative: sum D^2 / max(sum T^2, number of values) over the number of pools
    """
    value, gradient = 0.0, np.zeros_like(pixels)
    for pool in pools:
        target = laplacians(content, pool)
        difference = laplacians(pixels, pool) - target
        if normalisation == "sum":
            factor = 0.5
        elif normalisation == "mean":
            factor = 1.0 / target.size
        else:
            factor = 1.0 / max(float(np.sum(target**2)), target.size) / len(pools)
        value += factor * float(np.sum(difference**2))
        rows, columns = _averaging(pixels.shape[0], pool), _averaging(pixels.shape[1], pool)
        back = _second_difference(len(rows)).T @ difference @ _inner(len(columns))
        back = back + _inner(len(rows)).T @ difference @ _second_difference(len(columns))
        gradient += (2.0 * factor * rows.T @ back @ columns)[:, :, np.newaxis]
    return ArrayTerm(value, gradient)


def _averaging(length: int, pool: int) -> Array:
    return np.kron(np.eye(length // pool, dtype=float), np.full((1, pool), 1.0 / pool)) @ np.eye(
        length // pool * pool, length
    )


def _second_difference(length: int) -> Array:
    return 2.0 * np.eye(length - 2, length, 1) - np.eye(length - 2, length) - np.eye(length - 2, length, 2)


def _inner(length: int) -> Array:
    return np.eye(length - 2, length, 1)
