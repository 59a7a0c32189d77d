"""Colour preservation: colour spaces and colour transfer, in NumPy.

- ``colour_modes``: the recipe's ``colour`` options
- ``srgb``: sRGB's transfer curve
- ``spaces``: colour spaces by name; ``oklab``, ``cielab``, ``rec601``: one space each
- ``restore_colours``: the painting's lightness with the layer's chroma
- ``luminance``: lightness-only painting
- ``recolour_style``: maps a style to the layer's colours; ``linear_maps``, ``histogram_matching``: its methods
"""
