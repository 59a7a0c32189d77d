"""The eight built-in styles: one file each, one function that paints it."""
