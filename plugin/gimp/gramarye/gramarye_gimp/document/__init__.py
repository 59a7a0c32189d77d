"""Access to GIMP's images and layers.

- ``pixels``: read a layer, insert a painting
- ``pixel_formats``: GIMP's pixel formats and colour profiles
- ``layers``: list and find layers
- ``alpha``, ``regions``: masks of regions from other layers
- ``style_pictures``: style pictures from layers and files
- ``pixbufs``: pictures for the widgets
- ``last_job``: the last job of a layer
"""
