"""The settings of a painting, in one column that scrolls.

- `settings_panel`: the column
- `controls`: the sliders and main choices, with `second_style` and `placement_choice`
- `region_list`: the regions
- `advanced_settings`: all other values of the recipe, each a `recipe_field`
"""
