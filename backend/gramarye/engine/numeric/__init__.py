"""Devices, number formats and blocked arithmetic.

- ``device``: choice of the device, threads, memory settings
- ``precision``: number formats of pixels and features
- ``blocked``: inner products and updates of whole pictures in cache-sized blocks
"""
