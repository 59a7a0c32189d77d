"""The worker process, the only one that imports torch.

- `__main__`: entry point; receives commands, runs jobs, sends notices.
- `run_job`: runs one job, from its files in the spool to its result.
- `load_job`: reads a job's pictures and masks.
- `pipeline`: the iterates of a job: sketch, then painting.
- `checkpoint`: saves and restores the state of a running job.
- `eta`: estimates the remaining time.
"""
