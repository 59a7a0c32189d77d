"""Kernels and CUDA graphs.

compiled    CUDA source compiled by NVRTC and launched on PyTorch's stream
kernels     pooling, the first convolution and total variation by kernels.cu
graphs      functions recorded as CUDA graphs and replayed
"""
