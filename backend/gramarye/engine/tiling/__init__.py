"""Passes through the network in tiles, and their memory and time.

- ``segments``: segments of layers, and the tiles of a segment's input
- ``tiles``: `TiledPass`, forward and backward through the network tile by tile
- ``plan``: the fastest segments whose features fit into a memory budget
- ``memory``: memory estimates, and free memory
- ``cost``: the cost of a step, for time estimates
"""
