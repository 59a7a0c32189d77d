"""The pictures that come with Gramarye, and the code that draws them: ``python -m gramarye.gallery FOLDER``.

- ``pictures``: the list of pictures; draws them into files
- ``harbour``: the content picture
- ``styles``: the style pictures
- ``strokes``: brush strokes with relief
- ``noise``: random fields
- ``colour``: colours as arrays
"""
