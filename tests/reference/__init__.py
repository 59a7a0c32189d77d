"""An independent float64 NumPy reference of Gramarye's mathematics, for tests.

Written from the papers and the seed recipe, not from the engine: nothing here imports `gramarye`, and only
`torch_recipes` imports torch. Unless a docstring says otherwise, arrays are float64 and channel-last (H, W, C); kernels
are (out, in, 3, 3); pictures are RGB, 0..255 minus a centre; gradients have the shape of the differentiated argument.
"""
