"""Reasons why the studio refuses a request, with the sentences for the user."""

from __future__ import annotations

from gramarye_protocol.messages import Refused

NOTHING_OPEN = Refused("no-document", "There is no document to paint in.", "Open a picture first.")
NOT_READY = Refused("daemon-away", "The daemon is not ready yet.", "Wait a moment, or see the status line at the top.")
NO_STYLE = Refused("no-style", "No style is chosen.", "Click a picture in the gallery.")
VARIATIONS_RUNNING = Refused("busy", "Variations are being painted.", "Wait for them, or close their window.")
LAYER_GONE = Refused("layer-gone", "The layer to paint no longer exists.", "Choose another layer.")
NO_NOTE = Refused("no-note", "This layer was not painted by Gramarye.", "Choose a layer painted by Gramarye.")
NOTE_DAMAGED = Refused("note-damaged", "The settings saved with this layer cannot be read.")
NOT_REPLACED = Refused(
    "not-replaced",
    "The layer cannot be replaced, so the painting is a new layer above it.",
    "Only a plain, unlocked paint layer of the document in front can be replaced.",
)
NOT_MASKED = Refused(
    "not-masked", "Krita made no mask, so the painting is transparent outside the selection.", "Nothing is lost."
)
PAINTING_GONE = Refused(
    "painting-gone", "The daemon no longer has this painting.", "Use its settings and paint it again."
)
NOT_SET_UP = Refused("backend-missing", "Gramarye itself is not on this computer yet.")
NOTHING_PAINTED = Refused("no-last", "Nothing has been painted yet.", "Paint once from the docker first.")

NOTICES = ("fetching", "fetched")
"""Codes of messages that say what goes on, and of no problem."""

INVALID_SETTING = "setting-wrong"
"""Refusal code for a field whose text cannot be parsed."""
