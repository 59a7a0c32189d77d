"""What the studio does not do, in words."""

from __future__ import annotations

from gramarye_protocol.messages import Refused

NOTHING_OPEN = Refused("no-document", "There is no document to paint in.", "Open a picture first.")
NOT_READY = Refused("daemon-away", "The daemon is not ready yet.", "Wait a moment, or look at the line above.")
NO_STYLE = Refused("no-style", "No style is chosen.", "Click a picture in the gallery.")
BUSY = Refused("busy", "A painting is under way.", "Wait for it, or cancel it.")
VARIATIONS_RUNNING = Refused("busy", "Small ones are being painted.", "Wait for them, or close their window.")
LAYER_GONE = Refused("layer-gone", "The layer that was to be painted is no longer there.", "Choose another layer.")
NO_NOTE = Refused("no-note", "This layer was not painted by Gramarye.", "Choose a layer that was.")
NOTE_DAMAGED = Refused("note-damaged", "What the layer was painted with cannot be read.")
NOTHING_PAINTED = Refused("no-last", "Nothing has been painted yet.", "Paint once from the docker first.")

INVALID_SETTING = "setting-wrong"
"""The code of a refusal of what was written into a field."""
