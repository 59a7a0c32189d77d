"""The daemon: a front process that never imports torch, and worker processes that do.

- ``serve``: builds the front process and runs it from start to stop
- ``limits``: limits that several modules share
- ``network``: connections, authentication, receiving and sending
- ``handlers``: one method per request
- ``submission``: accepting a job
- ``continuation``: jobs that start from another job's painting
- ``style_list``, ``listing``: replies that list styles and jobs
- ``store``: jobs on disk
- ``job_spec``: the description of a job
- ``dispatcher``: the queue of jobs; read its theory of operation first
- ``retries``: whether a failed job is retried
- ``final_events``: events that end a job
- ``worker_process``, ``worker_pipe``: a worker process and the messages to and from it
- ``worker``: what runs in that process
- ``subscriptions``: which client watches which job
- ``housekeeping``: periodic tasks
- ``logs``: the log
"""
