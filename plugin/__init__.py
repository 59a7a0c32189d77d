"""What is installed into the editors: a folder each, and `gramarye_plugin`, which they share."""
