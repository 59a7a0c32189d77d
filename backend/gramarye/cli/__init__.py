"""Command line: one module per command, so the folder is long.

It uses the same daemon and recipe schema as the editors' plugins.

- ``main``: the ``gramarye`` command, which finds the subcommand and reports errors
- ``output``: text or JSON output
- ``interrupts``: Ctrl-C
- ``daemon_option``: ``--daemon``
- ``stylize``, ``variations``, ``demo``: commands that paint
- ``painting_options``, ``recipe_options``, ``style_argument``, ``continue_option``, ``option_groups``: their options
- ``job_progress``, ``save_every``, ``contact_sheet``: their output
- ``serve``: the daemon
- ``jobs``, ``status_watch``: the daemon's status and its jobs
- ``styles``, ``weights``, ``plugin``, ``keys``: styles, networks, editors' plugins, access from other machines
- ``doctor``, ``diagnostics``, ``diagnostics_bundle``, ``redacted_words``: checks and bug reports
"""
