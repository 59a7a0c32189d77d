"""Precision, devices and blocked reductions."""
