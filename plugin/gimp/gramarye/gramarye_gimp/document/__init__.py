"""Access to GIMP's images and layers.

- ``pixels``: read a layer; ``insertion``: insert paintings
- ``pixel_formats``: GIMP's pixel formats and colour profiles
- ``layers``: list and find layers
- ``alpha``, ``regions``: masks of regions from layers, channels, masks and the selection
- ``style_pictures``: style pictures from layers and files
- ``pixbufs``: pictures for the widgets
- ``last_job``, ``painting_note``: the last job of a layer, and how a painted layer was painted
"""
