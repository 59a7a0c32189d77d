"""The numerics: from arrays to arrays, and a stream of iterates. Knows torch, and nothing of sockets, files or jobs."""
