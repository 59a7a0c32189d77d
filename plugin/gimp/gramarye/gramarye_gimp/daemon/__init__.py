"""The connection to the daemon: found or started, one painting or several at a time."""
