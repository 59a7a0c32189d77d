"""What the tests run inside GIMP, whose Python has nothing but the standard library."""
