"""What both editors call the controls beyond the sliders, in their order."""

from __future__ import annotations

SECOND_STYLE = "Second style"
NONE = "none"
"""The first entry of what may be left out."""

MIX = "Share of the second"
MIX_HELP = "0: the first style alone; 100: the second alone"
FROM_FILE = "a picture file..."

REGIONS = "Regions"
REGIONS_HELP = "A layer's opaque parts are painted in a style of their own, the rest in the style chosen."
ADD_REGION, REMOVE_REGION = "Add a region", "Remove"
KEEP_REST = "Leave the rest as it is"
KEEP_REST_HELP = "Paint the regions alone"

MORE_SETTINGS = "More settings"
RECIPE_DEFAULT = "as the recipe has it"
RESET_TO_RECIPE = "Back to the recipe"

CONTINUE_LAST = "Go on from the last painting"
CONTINUE_LAST_HELP = (
    "What this layer was painted with last is changed on in a quarter of the steps, instead of begun afresh."
)

VARIATIONS = "Eight small ones..."
VARIATIONS_HELP = "Paint eight variations of these settings, small, and choose one of them"
CHOOSE_ONE = "Click on one to paint it at full size."
UNCHANGED_LAYER = "the layer"
