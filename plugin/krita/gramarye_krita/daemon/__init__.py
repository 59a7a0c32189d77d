"""The connection to the daemon on Qt's event loop."""
