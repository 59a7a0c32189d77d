"""Devices, number formats and blocked arithmetic.

- ``device``: choice of the device, threads, unused memory
- ``allocator``: whether the memory of freed tensors is kept for the next ones
- ``precision``: number formats of pixels and features
- ``blocked``: inner products and updates of whole pictures in cache-sized blocks
"""
