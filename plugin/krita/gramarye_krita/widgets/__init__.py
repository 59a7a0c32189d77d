"""Qt widgets.

The folder is long because it has one module per widget.

- `docker`: the docker, with `style_gallery`, `style_buttons`, `settings_panel`, `queue_list`, `message_box`,
  `status_line` and `help_buttons`
- `settings_panel`: `controls`, `second_style`, `region_list` and `advanced_settings`, which scroll together
- `variations_window`: the window of the eight variations
- `collapsible_section`, `combos`, `form_rows`, `menu_buttons`, `recipe_field`, `slider`, `wheel_filter`: parts of these
"""
