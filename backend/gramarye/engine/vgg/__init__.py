"""VGG19: its layers, the network, and cached features."""
