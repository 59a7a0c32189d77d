"""Gramarye: paints a layer in the style of another picture, by VGG19 Gram-loss optimisation in a local daemon.

- ``client``: the Python client, and this package's public names
- ``cli``: the command line
- ``daemon``: the server that runs the jobs
- ``engine``: the optimisation itself
- ``weights``: networks: formats, storage and downloads
- ``styles``: styles known by name
- ``pixels``: layers as arrays
- ``colour``: colour spaces, and the ways to keep a layer's colours
- ``image_files``: reading and writing of picture files
- ``files``: the user's folders, and file access
- ``access``: private folders, and the keys of other machines
- ``gallery``: the pictures that come with Gramarye
- ``plugin_install``: installation of the editors' plugins
- ``errors``: the errors that users see
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client, Painting, Style, paint

__version__ = "0.1.0"
__all__ = ["Client", "Painting", "Style", "__version__", "paint"]


def __getattr__(name: str) -> Any:
    """Import the client on first use, because the daemon's front process must start without numpy."""
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
