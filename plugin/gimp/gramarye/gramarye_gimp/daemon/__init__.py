"""The connection to the daemon.

- ``connection``: finds or starts the daemon
- ``launcher``: starts the daemon's process
- ``transport``: the socket
- ``blocking_run``: paint one job and wait for it
- ``queue``: paint several jobs in order without waiting
"""
