"""Jobs on a real GPU whose CUDA context is lost: another process resumes the job, or the CPU does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gramarye_protocol.messages import Accepted, Done, Failed, FetchResult, Result
from support.cuda import requires_cuda
from support.homes import Home
from support.peers import Peer, small_submit

PATIENCE = 100.0
"""Seconds; every new worker imports PyTorch with the CUDA libraries."""

LOSE_DEVICE_SCRIPT = """
import os, sys
from pathlib import Path

if "gramarye.daemon.worker" in sys.orig_argv and "cuda" in sys.orig_argv[-2]:
    import torch
    from gramarye.daemon.worker.checkpoint import CheckpointWriter

    lost, taken = Path(os.environ["LOST"]), 0

    def after_step(self):
        global taken
        taken += 1
        if taken == 20 and len(list(lost.iterdir())) < int(os.environ["TIMES"]):
            if os.environ["TIMES"] == "1":
                self.write()
            (lost / str(os.getpid())).touch()
            beyond = torch.full((1,), 5, device="cuda")
            torch.zeros(1, device="cuda")[beyond].cpu()  # a device-side assertion fails: the context is lost

    CheckpointWriter.after_step = after_step
"""


def painted(home: Home) -> tuple[Done, bytes]:
    with Peer(home) as peer:
        accepted = peer.ask(small_submit(steps=60, optimiser="adam"))
        assert isinstance(accepted, Accepted)
        ended = peer.await_kind(Done, Failed, patience=PATIENCE)
        assert isinstance(ended, Done), ended
        result = peer.ask(FetchResult(accepted.job))
        assert isinstance(result, Result)
        return ended, bytes(result.pixels.data)


@requires_cuda
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("times", "device", "levels"), [(1, "cuda", 1.0), (9, "cpu", 8.0)], ids=["once", "always"])
def test_a_job_survives_the_loss_of_its_gpu_context(
    home: Home, tmp_path: Path, times: int, device: str, levels: float
) -> None:
    daemon = home.start_daemon(device="cuda")
    done, undisturbed = painted(home)
    assert done.device.startswith("cuda")
    daemon.terminate()
    daemon.wait(30)
    injected, lost = tmp_path / "injected", tmp_path / "lost"
    injected.mkdir()
    lost.mkdir()
    (injected / "sitecustomize.py").write_text(LOSE_DEVICE_SCRIPT)
    path = os.pathsep.join([str(injected), home.environ["PYTHONPATH"]])
    home.extra_environ = {"PYTHONPATH": path, "LOST": str(lost), "TIMES": str(times)}
    home.start_daemon(device="cuda")
    done, pixels = painted(home)
    assert done.device.startswith(device)
    assert len(list(lost.iterdir())) >= min(times, 2)
    assert "device-side assert" in home.log()
    differences = [abs(a - b) for a, b in zip(pixels, undisturbed, strict=True)]
    assert sum(differences) / len(differences) < levels, "60 steps amplify the rounding of another device"
