"""The worker process, which alone imports torch."""
