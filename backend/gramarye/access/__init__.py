"""Access control: owner-only files, and the keys of clients on other machines.

- `private`: folders and files that only their owner can use.
- `curve`: the key pair of the daemon and the public keys of its clients.
- `passes`: the file with which a client on another machine connects.
"""
