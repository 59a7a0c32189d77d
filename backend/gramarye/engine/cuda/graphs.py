"""Work of one form, recorded once and replayed: a graphics card then waits for no call from Python.

An evaluation is some hundreds of small calls, and at usual sizes each takes the host longer than the card. A CUDA
graph launches all of them at once (PyTorch's notes on CUDA semantics, section "CUDA Graphs"). What it demands is kept
here: the work runs a few times on the stream that records it, reads nothing on the host, and has its input and its
outputs at fixed addresses. Where it cannot be recorded, or a replay is not what the work itself gives, the work simply
goes on being done call by call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import torch
from torch import Tensor

log = logging.getLogger(__name__)

TensorFunction = Callable[[Tensor], tuple[Tensor, ...]]
"""A tensor -> tensors without derivatives, by work on its device alone: nothing is read on the host."""

Replay = Callable[[], tuple[Tensor, ...]]
"""Does recorded work again, on what its input then holds: the same tensors each time, filled anew."""

WARM_UP_RUNS = 1
"""Runs before the one that the recording is compared with, in which libraries set themselves up."""

REPLAY_RTOL, REPLAY_NOISE_FACTOR = 1e-3, 16.0
"""A replay may differ from the work by this share of it, and by this many times what two runs of the work do."""


class GraphRecorder(Protocol):
    """Records work on a device."""

    def run(self, function: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        """The work itself, done where `record` will record it."""

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        """Record the work with ``example`` as its input for good; the replay keeps what it needs."""


class CudaGraphs:
    """CUDA graphs, each in a memory pool of its own that is freed with its replay."""

    failed: ClassVar[set[str]] = set()
    """Kinds of work whose recording has failed in this process: PyTorch keeps such a one's memory for good (its issue
    190348), so it is not tried again."""

    def __init__(self, device: torch.device, kind: str) -> None:
        self._kind = kind
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        """For running and recording alike: libraries set themselves up stream by stream."""

    def run(self, function: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        current = torch.cuda.current_stream(x.device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            outputs = function(x)
        current.wait_stream(self._stream)
        return tuple(output.clone() for output in outputs)  # in the caller's memory, not the side stream's

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        graph = torch.cuda.CUDAGraph()
        try:
            # the outer context alone gives the caller's stream back where the recording fails
            with torch.cuda.stream(self._stream), torch.cuda.graph(graph, stream=self._stream):
                outputs = function(example)
        except BaseException:
            CudaGraphs.failed.add(self._kind)
            raise

        def replay() -> tuple[Tensor, ...]:
            graph.replay()
            return outputs

        return replay


class GraphedFunction:
    """Work that is recorded after a few runs, and from then on replayed.

    It gives what the work gives, to the rounding of repeated runs, in tensors that are never changed afterwards. Its
    inputs have one shape and format; any other is worked on call by call. Errors of the work are its own.
    """

    def __init__(self, function: TensorFunction, recorder: GraphRecorder) -> None:
        self._function = function
        self._recorder: GraphRecorder | None = recorder
        """None once there is nothing more to record: it has been, or must not be."""
        self._runs = 0
        self._recording: tuple[Tensor, Replay] | None = None
        """The input at its fixed address, and the replay."""

    @property
    def is_replayed(self) -> bool:
        """Whether the work has been recorded and found to be itself."""
        return self._recording is not None

    def __call__(self, x: Tensor) -> tuple[Tensor, ...]:
        if self._recording is not None and _signature(x) == _signature(self._recording[0]):
            return _replay_on(*self._recording, x)
        if self._recorder is None:
            return self._function(x)
        if self._runs < WARM_UP_RUNS:
            self._runs += 1
            return self._recorder.run(self._function, x)
        return self._run_and_record(self._recorder, x)

    def _run_and_record(self, recorder: GraphRecorder, x: Tensor) -> tuple[Tensor, ...]:
        """What the work gives at x; it has been recorded if that can be done."""
        outputs = recorder.run(self._function, x)
        self._recorder = None
        try:
            fixed = torch.zeros_like(x)  # not x: a replay that leaves the recording's outputs as they are must not pass
            replay = recorder.record(self._function, fixed)
            replayed = _replay_on(fixed, replay, x)
            if _all_close(replayed, outputs, outputs) or _all_close(replayed, outputs, recorder.run(self._function, x)):
                self._recording = fixed, replay
            else:
                log.warning("Nothing is replayed on %s: a replay differs from the work itself.", x.device)
        except Exception as error:  # whatever it is, the work has just been done without
            log.warning("Not all is replayed on %s, which is slower: %s", x.device, str(error))
        return outputs


def recorder_for(device: torch.device, kind: str) -> GraphRecorder | None:
    """Records one kind of work on a device; None where that brings nothing or cannot be done."""
    return CudaGraphs(device, kind) if device.type == "cuda" and kind not in CudaGraphs.failed else None


def _replay_on(fixed: Tensor, replay: Replay, x: Tensor) -> tuple[Tensor, ...]:
    fixed.copy_(x)
    return tuple(output.clone() for output in replay())


def _signature(x: Tensor) -> tuple[object, ...]:
    return x.shape, x.dtype, x.device


def _all_close(found: Sequence[Tensor], expected: Sequence[Tensor], again: Sequence[Tensor]) -> bool:
    """Whether each tensor is the expected one but for rounding, and for what the work differs by when done ``again``.

    What is no number never is.
    """
    return all(
        _signature(f) == _signature(e)
        and bool(_norm(f - e) <= REPLAY_RTOL * _norm(e) + REPLAY_NOISE_FACTOR * _norm(a - e))
        for f, e, a in zip(found, expected, again, strict=True)
    )


def _norm(x: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, dtype=torch.promote_types(x.dtype, torch.float32))
    return norm
