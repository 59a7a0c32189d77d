"""Convolution, ReLU and max pooling of VGG, and their gradients.

Sources: Simonyan & Zisserman, arXiv:1409.1556, section 2.1 (3x3 convolution, padding 1, 2x2 pooling of stride
2); TensorFlow's "SAME" rule for odd sizes: ceil(H/2) windows, the missing row and column at the bottom right.
"""

import numpy as np
from numpy.typing import NDArray

from reference.arrays import Array


def conv3x3(x: Array, kernel: Array, bias: Array) -> Array:
    """Cross-correlation with zero padding 1: y[i,j,o] = b[o] + sum_{u,v,c} k[o,c,u,v] x[i+u-1, j+v-1, c].

    x (H, W, in), kernel (out, in, 3, 3), bias (out,) -> (H, W, out).
    """
    height, width, channels = x.shape
    padded = np.zeros((height + 2, width + 2, channels))
    padded[1:-1, 1:-1] = x
    shifts = [padded[u : u + height, v : v + width] for u in range(3) for v in range(3)]
    columns = np.concatenate(shifts, axis=2).reshape(height * width, 9 * channels)
    matrix = kernel.transpose(2, 3, 1, 0).reshape(9 * channels, -1)
    product: Array = columns @ matrix + bias
    return product.reshape(height, width, -1)


def conv3x3_gradient(kernel: Array, upstream: Array) -> Array:
    """d/dx of <upstream, conv3x3(x)>: the adjoint, dx[i,j,c] = sum_{u,v,o} k[o,c,u,v] g[i-u+1, j-v+1, o].

    This is a correlation with padding 1 by the kernel rotated by 180 degrees, with in and out channels exchanged.
    """
    adjoint = kernel[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    return conv3x3(upstream, adjoint, np.zeros(kernel.shape[1]))


def relu(x: Array) -> Array:
    """max(x, 0)."""
    return np.maximum(x, 0.0)


def relu_gradient(x: Array, upstream: Array) -> Array:
    """d/dx of <upstream, relu(x)>; zero at x = 0, as in TensorFlow and PyTorch."""
    return np.where(x > 0.0, upstream, 0.0)


def max_pool(x: Array) -> Array:
    """Maximum over 2x2 windows of stride 2, (H, W, C) -> (ceil(H/2), ceil(W/2), C); border windows are clipped."""
    highest: Array = np.max(_windows(x), axis=2)
    return highest


def max_positions(x: Array) -> NDArray[np.intp]:
    """Index 0..3, row-major, of the first maximum in each window: (ceil(H/2), ceil(W/2), C)."""
    first: NDArray[np.intp] = np.argmax(_windows(x), axis=2)
    return first


def max_pool_gradient(x: Array, upstream: Array) -> Array:
    """d/dx of <upstream, max_pool(x)>; ties give the whole gradient to the first maximum in row-major order."""
    height, width, channels = x.shape
    chosen = max_positions(x)[:, :, np.newaxis, :] == np.arange(4)[:, np.newaxis]
    spread = np.where(chosen, upstream[:, :, np.newaxis, :], 0.0)  # (rows, columns, 4, C)
    rows, columns = upstream.shape[:2]
    blocks: Array = spread.reshape(rows, columns, 2, 2, channels).transpose(0, 2, 1, 3, 4)
    return blocks.reshape(2 * rows, 2 * columns, channels)[:height, :width]


def _windows(x: Array) -> Array:
    """The 2x2 windows in row-major order, (ceil(H/2), ceil(W/2), 4, C); -inf outside the picture."""
    height, width, channels = x.shape
    rows, columns = -(-height // 2), -(-width // 2)
    padded = np.full((2 * rows, 2 * columns, channels), -np.inf)
    padded[:height, :width] = x
    blocks: Array = padded.reshape(rows, 2, columns, 2, channels).transpose(0, 2, 1, 3, 4)
    return blocks.reshape(rows, columns, 4, channels)
