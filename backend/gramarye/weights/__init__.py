"""VGG19 weights: reads every known file format, downloads published files, and keeps converted networks in a cache.

- ``store``: installed networks, by name and preference
- ``importing``: installs the network in a file
- ``packaged``: VGG19 as it comes with the installation
- ``fetch``, ``download``: installs a published network from the web
- ``manifest``: the published files
- ``digests``: checksums of files
- ``cache``: the user's cache of converted networks
- ``read``: recognises a file's format and reads its network
- ``formats``: one module for each format
- ``convention``, ``infer_convention``: the input that a network expects, and its conversion
- ``layout``: checks of names and shapes
"""
