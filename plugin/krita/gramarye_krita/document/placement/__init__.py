"""Where a finished painting goes in the document.

- `insertion`: a new layer, above the source or the active layer
- `masked_layer`: a new layer that is painted whole, with the selection as its mask
- `replacement`: in place of the source's pixels
"""
