"""What the daemon keeps on disk: the ledger, the spool, and the limits on both."""
