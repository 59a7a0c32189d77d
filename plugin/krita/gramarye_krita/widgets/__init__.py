"""Qt widgets.

- `docker`: the docker, which holds all of these but the windows
- `style_buttons`: below the gallery
- `settings`: all settings
- `history_strip`, `earlier_settings`: the document's paintings, and the settings of one
- `queue_list`, `message_box`, `status_line`: the paintings that wait, and messages
- `help_buttons`, `setup_window`: what helps if there is no daemon, no network or no installation
- `variations_window`: the window of the eight variations
- `common`: widgets that others are made of
"""
