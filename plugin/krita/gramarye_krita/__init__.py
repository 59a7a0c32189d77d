"""The Krita plugin: paints a layer in the style of a picture, with a live preview on the canvas.

- `studio`: state shared by all windows: the daemon, the settings, the paintings
- `paint_run`, `paint_queue`, `variations_run`: one painting, those that wait, and the eight variations
- `history_actions`, `last_jobs`: what can be done with earlier paintings, and the jobs to continue from
- `stored_settings`, `region_settings`: saved settings, and the regions of a document
- `refusals`, `translations`: error sentences, texts in the user's language
- `daemon`: the connection to the daemon
- `document`: access to Krita's documents
- `widgets`, `extension`: the docker and the menu actions
- `qt`: Krita's Qt binding

Uses only the standard library, Krita and Krita's Qt. ``lib`` holds the packages shared with the other plugins.
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
    # Krita 6's PyQt6 has enum members only in their enum
    positions = (
        DockWidgetFactoryBase if hasattr(DockWidgetFactoryBase, "DockRight") else DockWidgetFactoryBase.DockPosition
    )
    krita.addDockWidgetFactory(DockWidgetFactory(DOCKER, positions.DockRight, functools.partial(Docker, studio)))


_register()
