"""The editors' plugins as files: which there are, and where each editor wants them."""
