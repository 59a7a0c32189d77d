"""Data: the manifest of known VGG19 files and the embedded draft network."""
