"""Layers as arrays: pixel formats, alpha, masks and ICC profiles."""
