"""All contact with GIMP's images and layers."""
