"""The style transfer engine: paints NumPy arrays with PyTorch and yields iterates. No sockets, files or jobs.

- ``recipe``: `Recipe`, every value of a painting, and the presets in ``presets.toml``; without torch
- ``paint``: `paint`, the entry point
- ``pyramid``: the schedule of sizes and steps, and the stall detector
- ``sketch``: a small first painting by the draft network
- ``warm_start``: painting on from an earlier painting
- ``resume_state``: the state of a painting between two steps, to resume it bit by bit
- ``images``: pictures at the engine's input and output
- ``vgg``: the network
- ``loss``: the objective
- ``tiling``: memory estimates, and passes through the network tile by tile
- ``optimise``: Adam, L-BFGS and the optimisation loop
- ``numeric``: devices, number formats and blocked arithmetic
- ``cuda``: kernels and CUDA graphs
"""
