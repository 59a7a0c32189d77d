"""Pictures at the engine's input and output.

- ``pictures``: conversion between pictures and centred pixels
- ``inputs``: the checked input pictures of a painting, at every size
- ``margin``: the margin painted beyond a picture's borders
- ``resize``: resampling
- ``recolour``: transfer of a colour distribution
- ``start``: the start of the optimisation
- ``iterate``: `Iterate`, an element of the engine's output
"""
