"""The server: a front process that never imports torch, and worker processes that do."""
