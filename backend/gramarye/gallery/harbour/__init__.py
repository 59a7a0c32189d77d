"""The harbour, the picture that the demo repaints.

`scene` composes it; `landscape` draws sky and hills, `town` the houses, `boats` the boats and `water` their
reflections; `matte` paints shapes with soft edges.
"""
