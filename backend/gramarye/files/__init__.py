"""Helpers for files.

- ``paths``: the user's folders
- ``atomic_write``: writes a file completely or not at all
- ``bounded_reader``: a file whose reads allocate no more than its size
- ``redact``: removes private data from text
"""
