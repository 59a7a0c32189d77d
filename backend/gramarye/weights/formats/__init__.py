"""Formats of weights files: one module for each, and what is found in them.

Only `torch_file` imports torch, when it reads a file.

- ``keras_file``, ``mat_file``, ``npz_file``, ``safetensors_file``, ``torch_file``, ``torch_tar_file``: one format each
- ``state_dict``: the convolutions among arrays with names
- ``value_tables``: convolutions as indices into tables of values
"""
