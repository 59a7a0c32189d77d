"""GTK widgets: the dialog, the preview window and the variations."""
