"""Access to Krita's documents.

- `nodes`: layers by their ids; `actions`: Krita's own actions
- `colour_profile`: colour spaces, conversions and ICC profiles
- `source`, `reader`: the layer to paint and the masks of its regions, read in pieces
- `downscale`: small copies, for the variations
- `style_pictures`, `open_styles`: styles from files, layers and documents
- `paint_request`: what to paint and how, as a value and as a note in the document
- `placement`: a painting as a new layer, or in place of its source's pixels
- `preview_nodes`, `preview_layer`, `saved_previews`: the preview on the canvas, and removing those that files keep
- `annotations`, `noted_spec`: how a layer was painted
- `history`, `comparison`: the list of the document's paintings, and hiding them for a while
"""
