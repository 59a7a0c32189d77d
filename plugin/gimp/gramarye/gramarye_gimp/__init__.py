"""GIMP's plugin for Gramarye: a filter with a dialog. Code that both editors share is in `gramarye_plugin`.

Runs in GIMP's Python: standard library and GObject introspection only, Python 3.8.

- ``procedure``: registers the filter with GIMP
- ``run``: one call of the filter
- ``settings``, ``json_arguments``, ``noted_arguments``: the procedure's arguments
- ``request``, ``variation_requests``: requests to the daemon; ``downscale``: small ones for the variations
- ``progress_bar``: GIMP's progress bar
- ``failures``: exceptions that end a call; ``translations``: texts in GIMP's language
- ``document``: GIMP's images and layers
- ``daemon``: the connection to the daemon
- ``widgets``: the dialog and the other windows
"""
