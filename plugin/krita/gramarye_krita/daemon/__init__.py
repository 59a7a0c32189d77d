"""The connection to the daemon on Qt's event loop.

- `connection`: find a daemon or start one, and reconnect
- `launcher`: start a daemon that outlives Krita
- `installer`: install Gramarye itself
- `transport`: the session's bytes over a QTcpSocket
"""
