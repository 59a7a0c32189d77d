"""Networks: known files, how each format is read, the user's cache of converted networks, and the download.

Nothing here imports torch, except the reading of a ``.pth`` file while it is read.
"""
