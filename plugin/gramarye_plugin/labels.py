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

MORE = "More settings"
AS_THE_RECIPE_HAS_IT = "as the recipe has it"
BACK_TO_THE_RECIPE = "Back to the recipe"

GO_ON = "Go on from the last painting"
GO_ON_HELP = "What this layer was painted with last is changed on in a quarter of the steps, instead of begun afresh."

EIGHT = "Eight small ones..."
EIGHT_HELP = "Paint eight variations of these settings, small, and choose one of them"
CHOOSE_ONE = "Click on one to paint it at full size."
AS_IT_IS = "the layer"
