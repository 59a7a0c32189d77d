"""Widgets that other widgets are made of.

- `style_gallery`: the thumbnails of the styles
- `collapsible_section`: a section that is collapsed until its title is clicked
- `slider`, `combos`, `menu_buttons`: controls for a narrow docker
- `form_rows`, `wheel_filter`: hide rows of a form; keep the wheel from changing values
"""
