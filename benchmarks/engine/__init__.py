"""Gramarye's engine beside its rivals, on this machine: ``python -m benchmarks.engine``."""
