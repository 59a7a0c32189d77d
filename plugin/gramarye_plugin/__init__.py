"""Code shared by the Krita and GIMP plugins.

- `backend`: where Gramarye is installed, and the command that starts its daemon
- `backend_setup`: how it is installed from an editor
- `wire`: signed messages over one connection, without I/O
- `session`: connection state, requests and their answers
- `paint_job`: one painting, which survives restarts of the daemon
- `settings`: the user's settings, and the request built from them
- `choices`, `options`: the recipe's values as the editors offer them
- `network_choices`: the networks as the editors offer them
- `variations`: the eight settings around the current ones
- `labels`, `status_text`, `translations`: texts that both editors show, and their translations in ``lang``
- `png`: the ICC profile of a PNG file

Uses only the standard library (Python 3.8) and `gramarye_protocol`. It opens no sockets and starts no threads or
timers: each editor's plugin does the I/O and the drawing.
"""
