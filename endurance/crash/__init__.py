"""Crash tests: the daemon is killed at every write, and nothing may be lost."""
