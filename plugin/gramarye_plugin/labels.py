"""Labels, tooltips and sentences of both editors; those of the controls below the sliders in their order."""

from __future__ import annotations

QUALITY = "Quality"
QUALITY_HELP = "The network that paints: full paints best; quick is for weak machines and takes about half of the time."

SECOND_STYLE = "Second style"
NONE = "none"
"""First entry of a list from which nothing need be chosen."""

MIX = "Second style's share"
MIX_HELP = "0: only the first style; 100: only the second"
FROM_FILE = "a picture file..."

REGIONS = "Regions"
REGIONS_HELP = "Paint the opaque part of a layer in its own style, and the rest in the chosen style."
ADD_REGION, REMOVE_REGION = "Add a region", "Remove"
KEEP_REST = "Leave the rest as it is"
KEEP_REST_HELP = "Paint only the regions"

KEEP_BLENDING = "Keep the layer's blend mode and opacity"
KEEP_BLENDING_HELP = "Give the painting the blend mode and the opacity of its layer, instead of normal and 100 %."

MORE_SETTINGS = "For experts"
RECIPE_DEFAULT = "recipe default"
RESET_TO_RECIPE = "Reset to recipe"

CONTINUE_LAST = "Continue from the last painting"
CONTINUE_LAST_HELP = "Change this layer's last painting in a quarter of the steps, instead of starting over."

VARIATIONS = "Eight variations..."
VARIATIONS_HELP = "Paint eight small variations of these settings and choose one"
CHOOSE_ONE = "Click one to paint it at full size."
UNCHANGED_LAYER = "the layer"

WAITING_FOR_DAEMON = "Waiting for the daemon; the painting continues when it is back."
