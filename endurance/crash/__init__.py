"""The daemon is killed at every write; nothing may be lost by that."""
