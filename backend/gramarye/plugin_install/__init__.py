"""Installs the editors' plugins.

- ``files``: the files of a plugin, in a folder or an archive
- ``wheel``: Gramarye itself, for the archive of Krita's plugin
- ``krita``: Krita's profiles
- ``gimp``: GIMP's profiles, and the Python that runs the plugin
"""
