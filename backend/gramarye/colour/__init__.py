"""Whose colours a painting has: colour spaces, a style recoloured before, colours put back after. NumPy alone."""
