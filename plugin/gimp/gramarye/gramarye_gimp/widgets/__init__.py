"""GTK widgets.

- ``dialog``: the dialog, of a style chooser and a settings column
- ``style_chooser``, ``style_gallery``: choose the style
- ``settings_column``: all settings, in a ``scrolling_column``
- ``second_style``, ``region_rows``, ``style_picker``: further styles
- ``daemon_choice``, ``advanced_settings``, ``recipe_field``, ``continue_check``, ``combos``: single settings
- ``preview_window``: a running painting
- ``variations_window``: the eight variations
"""
