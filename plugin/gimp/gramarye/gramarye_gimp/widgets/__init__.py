"""GTK widgets.

- ``dialog``: the dialog, of a layer choice, a style chooser, the settings and a preview
- ``layer_choice``: the layer to paint
- ``style_chooser``, ``style_gallery``: choose the style
- ``settings``: all settings, in a ``scrolling_column``; ``combos``: their combo boxes
- ``live_preview``: the settings' effect on a small copy of the layer
- ``preview_window``, ``picture_view``: a running painting
- ``variations_window``: the eight variations
"""
