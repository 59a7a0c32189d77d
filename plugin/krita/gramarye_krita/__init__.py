"""Gramarye in Krita: paints a layer in the style of a picture, with a preview that forms on the canvas.

Standard library, Krita and Krita's own Qt alone. ``lib`` holds the packages that all of Gramarye's plugins share.
"""

import functools
import os
import sys

from krita import DockWidgetFactory, DockWidgetFactoryBase, Krita

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from .extension import GramaryeExtension
from .studio import Studio
from .widgets.docker import DOCKER, Docker


def _register() -> None:
    studio = Studio(os.path.dirname(os.path.abspath(__file__)))
    krita = Krita.instance()
    krita.addExtension(GramaryeExtension(krita, studio))
    krita.addDockWidgetFactory(
        DockWidgetFactory(DOCKER, DockWidgetFactoryBase.DockRight, functools.partial(Docker, studio))
    )


_register()
