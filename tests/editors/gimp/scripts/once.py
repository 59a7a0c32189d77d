"""Paint once and return the outcome."""

from __future__ import annotations

import time
from typing import Any

from .inside import error_message, filled_layer, new_image, pattern, read


def run(recipe: str) -> Any:
    """Return the error message, the time in seconds, and whether the layer is unchanged."""
    image = new_image()
    layer = filled_layer(image)
    began = time.monotonic()
    message = error_message(image, [layer], style="swirls", recipe=recipe)
    return {
        "said": message,
        "seconds": time.monotonic() - began,
        "untouched": read(layer, "R'G'B'A u8") == pattern(),
        "layers": [other.get_name() for other in image.get_layers()],
    }
