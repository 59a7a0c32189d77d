"""The command line: one file per command, the same daemon and recipe schema as the editors'."""
