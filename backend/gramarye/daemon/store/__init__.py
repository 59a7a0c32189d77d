"""The daemon's state on disk: the ledger, the spool and the quota.

- `durable`: files and folder entries that survive a power cut.
- `schema`: opens the ledger's SQLite file, checks it and migrates it.
- `ledger`: the table of jobs; its docstring explains the rules of this folder.
- `deferred_writes`: ledger updates that are retried until they succeed.
- `spool`: the pictures and the description of each job, one folder per job.
- `disk_usage`: the disk space that a job needs.
- `eviction`: chooses the jobs to delete when space is short.
- `quota`: keeps the jobs within the disk quota.
- `quarantine`: moves damaged state aside.
- `recovery`: resumes the unfinished jobs of an earlier daemon.
- `open_state`: opens ledger and spool when the daemon starts.
- `inspect_state`: reads the state folder from another process.
"""
