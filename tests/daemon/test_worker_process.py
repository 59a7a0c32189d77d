"""The worker's environment: the memory of freed tensors is used again, and returned at the end."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

from gramarye.daemon.worker_process import worker_environment

SCRIPT = """
import json, resource, sys
import torch
from gramarye.engine.numeric.allocator import keep_freed_memory
from gramarye.engine.numeric.device import release_memory

PAGES = 64 * 2**20 // resource.getpagesize()

def faults_of_a_tensor():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.empty(64 * 2**20, dtype=torch.uint8).fill_(1)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / PAGES

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) / PAGES

torch.set_num_threads(1)
keep_freed_memory(int(sys.argv[1]))
first, second, third = (faults_of_a_tensor() for _ in range(3))
kept = resident()
release_memory(torch.device("cpu"))
print(json.dumps([first, second, third, kept - resident()]))
"""
"""Prints the page faults of three equal tensors, and the memory that is returned, as shares of a tensor's pages."""


def _measure(pixels: int) -> list[float]:
    command = [sys.executable, "-c", SCRIPT, str(pixels)]
    done = subprocess.run(command, env=worker_environment(), check=True, capture_output=True, text=True)
    measured: list[float] = json.loads(done.stdout)
    return measured


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_in_small_pictures_freed_memory_is_used_again_and_returned_at_the_end() -> None:
    first, second, third, returned = _measure(512 * 512)
    assert first > 0.9
    assert max(second, third) < 0.05
    assert returned > 0.9


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_in_large_pictures_freed_memory_is_returned_at_once() -> None:
    first, second, third, returned = _measure(4000 * 3000)
    assert min(first, second, third) > 0.9
    assert returned < 0.1


def test_the_users_own_allocator_settings_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    assert worker_environment()["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
