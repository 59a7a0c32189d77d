"""Gramarye's engine compared with two baselines on this machine: ``python -m benchmarks.engine``."""
