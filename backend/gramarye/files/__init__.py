"""Folders of the user, atomic writes, bounded reads and redaction."""
