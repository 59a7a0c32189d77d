"""Pictures at the engine's input and output."""
