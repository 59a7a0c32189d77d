"""The settings of a painting.

- ``settings_column``: all settings, in one column
- ``second_style``, ``region_rows``, ``style_picker``: further styles
- ``daemon_choice``, ``advanced_settings``, ``recipe_field``, ``continue_check``: single settings
- ``named_settings``: settings saved under names
"""
