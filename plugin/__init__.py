"""The editor plugins: `gramarye_plugin` (shared by both), ``krita`` and ``gimp``."""
