"""Everything between a client's connection and a request: sockets, authentication, limits, queues of replies."""
