"""What the editors' plugins share: the connection to the daemon, the life of a painting, settings.

Standard library and `gramarye_protocol` only, Python 3.8; no sockets, threads or clocks of its own. An editor's plugin
moves the bytes and draws what it is told.
"""
