"""Named styles: the built-in ones and the user's own."""
