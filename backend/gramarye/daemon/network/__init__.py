"""Everything between a client's connection and a request handler.

- ``listener``: opens the socket with all that guards it
- ``router_socket``: makes and binds the socket
- ``keyring``: the keys that sign messages
- ``zap_auth``: authentication of connections
- ``connection_guard``: limits on connections
- ``peer_owner``: the user at the other end of a loopback connection
- ``memory_guard``: the connection that fills the memory
- ``server``: the loop that receives requests and sends replies and events
- ``receive``: one message from the socket
- ``clients``: the connected clients
- ``rate_limit``: the rate of one client's requests
- ``outbox``: the messages that wait for one client
"""
