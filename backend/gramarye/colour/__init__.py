"""Colour preservation: colour spaces and colour transfer, in NumPy.

- ``colour_modes``: the recipe's ``colour`` options
- ``srgb``: sRGB's transfer curve
- ``spaces``: colour spaces by name; ``oklab``, ``cielab``, ``rec601``: one each
- ``restore_colours``: the layer's chroma under the painting's lightness
- ``luminance``: lightness-only painting
- ``recolour_style``: a style in the layer's colours; ``linear_maps``, ``histogram_matching``: its methods
"""
