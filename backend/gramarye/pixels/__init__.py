"""Layers as arrays: pixel formats, alpha, masks and ICC profiles.

- ``formats``: buffers as arrays, pixel depths, quantisation and dither
- ``icc_profile``: checks profiles, converts Pillow images to sRGB
- ``icc_transform``: converts arrays between a profile and sRGB in floats
- ``fill_transparent``: extends visible colours into transparent pixels
- ``layer``: a layer to the engine's picture, and the painting back to a layer
- ``resize``: resizes float arrays
- ``masks``: checks, converts and combines masks
- ``result``: the finished layer and its previews
"""
