"""All contact with Krita's documents: layers, selections, profiles, annotations and the preview."""
