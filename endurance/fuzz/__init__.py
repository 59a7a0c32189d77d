"""Coverage-guided fuzzing with atheris (libFuzzer) of everything that reads bytes from outside.

`targets` defines what is fuzzed, `outcome` what counts as a finding; `run_target` fuzzes one target in its own process,
and ``python -m endurance.fuzz`` all of them. ``corpus/TARGET`` holds the initial cases.
"""
