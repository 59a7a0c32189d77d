"""Benchmark of the daemon on this machine: ``python benchmarks/daemon.py``.

Each measurement is repeated with a real daemon process, and printed as minimum, median and maximum beside its aim. Jobs
are painted by the default network, without a sketch. Nothing else should run meanwhile.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gramarye.client import Client, Job
from gramarye_protocol.messages import Cancelled, Progress
from gramarye_protocol.pixels import PixelBuffer

_RUNS = 7
_LAYER = (3000, 4000)
"""Rows and columns: 12 megapixels."""


@dataclass(frozen=True)
class Measurement:
    """A measurement in ``unit``, and its aim, which it should not exceed."""

    name: str
    unit: str
    values: list[float]
    aim: float

    def __str__(self) -> str:
        low, middle, high = min(self.values), statistics.median(self.values), max(self.values)
        verdict = "met" if middle <= self.aim else "MISSED"
        measured = f"{self.name:<58} {low:8.3f} {middle:8.3f} {high:8.3f} {self.unit:<7}"
        return f"{measured} aim {self.aim:g} {self.unit}: {verdict}"


@contextmanager
def _temporary_home() -> Iterator[None]:
    """Set up temporary folders, with the user's networks."""
    with tempfile.TemporaryDirectory() as root:
        for name in ("RUNTIME", "STATE"):
            os.environ[f"GRAMARYE_{name}_DIR"] = str(Path(root) / name.lower())
        yield


@contextmanager
def _daemon() -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Start a daemon; yield it and the seconds until it was ready."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "gramarye", "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["ready"]
    ready = time.perf_counter() - started
    try:
        yield process, ready
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        process.stdout.close()


def _seconds_taken(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _measure_startup() -> Measurement:
    values = []
    for _ in range(_RUNS):
        with _daemon() as (_, seconds):
            values.append(seconds)
    return Measurement("daemon ready, from the start of its process", "s", values, 0.5)


def _layer() -> PixelBuffer:
    height, width = _LAYER
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return PixelBuffer(width, height, "RGBA", "u8", pixels.data.cast("B"))


def _style() -> PixelBuffer:
    return PixelBuffer(64, 64, "RGB", "u8", bytes(range(256)) * 48)


def _measure_round_trips(client: Client, daemon: int) -> list[Measurement]:
    """Send a 12-megapixel layer through a job of no steps, and measure time and memory."""
    layer, style = _layer(), _style()

    def there_and_back() -> None:
        painting = client.paint(layer, [style], steps=0, init="content")
        assert painting.pixels.nbytes == layer.nbytes

    seconds = [_seconds_taken(there_and_back) for _ in range(_RUNS)]
    measurements = [Measurement("12 MP RGBA layer through the daemon and back, no steps", "s", seconds, 0.6)]
    with _MemoryPeak([os.getpid(), daemon, *_children(daemon)]) as peak:  # in a run of its own: sampling takes time
        there_and_back()
    if peak.samples:
        copies = peak.over_idle / layer.nbytes
        measurements.append(Measurement("  peak memory of all processes over idle, in layers", "copies", [copies], 3.0))
    return measurements


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


class _MemoryPeak:
    """Samples the processes' memory together: proportional set size, so that shared pages count once.

    Mapped files count. Nothing is sampled on systems without smaps_rollup (proc(5)).
    """

    def __init__(self, processes: list[int]) -> None:
        self._processes = processes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.samples: list[int] = []

    def __enter__(self) -> _MemoryPeak:
        if Path("/proc/self/smaps_rollup").exists():
            self.samples.append(self._now())
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self.samples:
            self._thread.join()

    @property
    def over_idle(self) -> int:
        """Largest sample minus the first, in bytes."""
        return max(self.samples) - self.samples[0]

    def _sample(self) -> None:
        while not self._ended.wait(0.002):
            self.samples.append(self._now())

    def _now(self) -> int:
        return sum(_proportional_set_size(pid) for pid in self._processes)


def _proportional_set_size(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise KeyError("Pss")


def _measure_cancels(client: Client) -> list[Measurement]:
    answered, effective = [], []
    content = PixelBuffer(256, 256, "RGB", "u8", bytes(range(256)) * 768)
    for _ in range(_RUNS):
        job = client.submit(content, [content], steps=100_000, scales=1, sketch=0)
        step = _step_time(job)
        started = time.perf_counter()
        job.cancel()
        answered.append(time.perf_counter() - started)
        for event in job:
            if isinstance(event, Cancelled):
                effective.append((time.perf_counter() - started) / step)
    return [
        Measurement("cancel answered while a job runs", "s", answered, 0.2),
        Measurement("  and effective, in optimisation steps", "steps", effective, 1.5),
    ]


def _step_time(job: Job) -> float:
    """Seconds per step, averaged over about ten."""
    first: tuple[int, float] | None = None
    for event in job:
        if isinstance(event, Progress):
            now = (event.step, time.perf_counter())
            first = first or now
            if now[0] >= first[0] + 10:
                return (now[1] - first[1]) / (now[0] - first[0])
    raise AssertionError("the job ended early")


def _measure_status_latency(client: Client) -> Measurement:
    content = PixelBuffer(512, 512, "RGB", "u8", bytes(range(256)) * 3072)
    job = client.submit(content, [content], steps=100_000, scales=1, sketch=0)
    for event in job:
        if isinstance(event, Progress):
            break
    with Client(start=False) as second:
        values = [_seconds_taken(second.status) for _ in range(50)]
    job.cancel()
    return Measurement("a second client's status while a 512 px job runs", "s", values, 0.05)


def main() -> None:
    """Measure and print."""
    with _temporary_home():
        print(f"{'':<58} {'min':>8} {'median':>8} {'max':>8}")
        print(_measure_startup())
        with _daemon() as (process, _), Client(start=False) as client:
            warm = client.paint(_style(), [_style()], steps=1)
            print(f"the rest with network {warm.network}")
            for measurement in [
                *_measure_round_trips(client, process.pid),
                *_measure_cancels(client),
                _measure_status_latency(client),
            ]:
                print(measurement)


if __name__ == "__main__":
    main()
