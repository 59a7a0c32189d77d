"""The pictures that come with Gramarye, and the code that draws them: ``python -m gramarye.gallery FOLDER``."""
