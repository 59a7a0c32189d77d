"""The worker process: its exit status when the device is lost, and killing one that hangs."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from typing import BinaryIO, cast

import pytest
import torch

from gramarye.daemon.job_spec import JobSpec
from gramarye.daemon.worker.__main__ import DEVICE_LOST
from gramarye.daemon.worker_pipe import Paint, PipeMessage, Ready, write_message
from gramarye.daemon.worker_process import Executor, WorkerProcess
from gramarye.engine.numeric.device import is_device_lost
from gramarye_protocol.connection import runtime_dir
from support.homes import Home

LOSE_DEVICE_SCRIPT = """
import sys
from gramarye.daemon.worker import __main__ as worker, run_job as run_job_module

def losing(*_):
    raise RuntimeError("CUDA error: an illegal memory access was encountered")

run_job_module.run_job = losing
worker.main("cpu", 1)
"""


def test_a_worker_that_has_lost_its_device_ends_so_that_another_goes_on(home: Home) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOSE_DEVICE_SCRIPT], env=home.environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin is not None
    write_message(cast("BinaryIO", process.stdin), Paint(JobSpec("a", str(home.root), (), {}, "tiny")))
    assert process.wait(60) == DEVICE_LOST
    process.stdin.close()


def test_a_lost_device_is_distinguished_from_a_bug() -> None:
    assert is_device_lost(RuntimeError("CUDA error: device-side assert triggered"))
    assert not is_device_lost(RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"))
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(3) + torch.zeros(4)
    assert not is_device_lost(caught.value)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot stop a process")
def test_a_process_that_hangs_can_be_ended(home: Home) -> None:
    os.makedirs(runtime_dir(home.environ), exist_ok=True)
    heard: queue.Queue[PipeMessage] = queue.Queue()
    ended: queue.Queue[str] = queue.Queue()

    def on_notice(_executor: Executor, _run: int, notice: PipeMessage) -> None:
        heard.put(notice)

    def on_end(_executor: Executor, _run: int, reason: str) -> None:
        ended.put(reason)

    worker = WorkerProcess("cpu", 1, on_notice, on_end)
    worker.start()
    assert isinstance(heard.get(timeout=60), Ready)
    process = worker._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    worker.kill()
    assert "SIGKILL" in ended.get(timeout=20)
