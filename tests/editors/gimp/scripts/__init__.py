"""Scripts that the tests run inside GIMP, whose Python has only the standard library."""
