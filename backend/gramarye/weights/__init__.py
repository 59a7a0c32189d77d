"""VGG19 weights: reads every known file format, downloads published files, and keeps converted networks in a cache.

Only `torch_file` imports torch, when it reads a ``.pth`` file.

- ``store``: installed networks, by name and preference
- ``importing``: installs the network in a file
- ``fetch``, ``download``: installs a published network from the web
- ``manifest``: the published files
- ``cache``: the user's cache of converted networks
- ``read``: recognises a file's format and reads its network
- ``keras_file``, ``mat_file``, ``npz_file``, ``safetensors_file``, ``torch_file``, ``torch_tar_file``: one format each
- ``state_dict``: the convolutions among arrays with names
- ``convention``, ``infer_convention``: the input that a network expects, and its conversion
- ``layout``: checks of names and shapes
"""
