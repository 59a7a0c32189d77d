"""Kernels and CUDA graphs."""
