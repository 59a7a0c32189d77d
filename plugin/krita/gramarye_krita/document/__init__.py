"""Access to Krita's documents.

- `nodes`: layers by their ids
- `colour_profile`: colour spaces, conversions and ICC profiles
- `source`, `reader`: the layer to paint and the masks of its regions, read in pieces
- `downscale`: small copies, for the variations
- `style_pictures`, `open_styles`: styles from files, layers and documents
- `region_settings`: the regions set for a document
- `paint_request`: what to paint and how, as a value and as a note in the document
- `preview_nodes`, `preview_layer`, `saved_previews`: the preview on the canvas, and removing those that files keep
- `annotations`, `paint_history`, `last_job`: how a layer was painted, and by which job
"""
