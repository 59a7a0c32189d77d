"""Who may come in: what only its owner may read, and the keys of clients on other machines."""
