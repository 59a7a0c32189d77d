"""Coverage-guided fuzzing of everything that reads bytes from elsewhere, with atheris (libFuzzer).

`targets` says what is tried, `verdict` what counts as a finding, `one` tries one target in a process of its own, and
``python -m endurance.fuzz`` all of them. ``corpus/TARGET`` holds the files that it begins with.
"""
