"""Qt widgets: the docker and everything in it."""
