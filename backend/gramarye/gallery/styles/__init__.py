"""The eight built-in styles, each drawn by one function.

`charcoal`, `facets`, `pointillism`, `stained_glass`, `swirls`, `watercolour`, `waves` and `woodcut`.
"""
