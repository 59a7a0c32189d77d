"""GIMP's side of Gramarye: the filter, its dialog, and all contact with GIMP's own functions.

Runs in GIMP's Python: standard library and GObject introspection only, Python 3.8. What is no matter of GIMP's is in
`gramarye_plugin`.
"""
