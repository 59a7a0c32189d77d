"""CUDA graphs: a function of a tensor is recorded once, then replayed without calls from Python.

An evaluation is some hundreds of short kernels, and at usual sizes each takes the host longer to launch than the GPU to
run. A CUDA graph launches all of them at once (PyTorch, CUDA semantics, section "CUDA Graphs"). This module meets its
requirements: the function first runs a few times on the recording stream, reads nothing on the host, and has its input
and outputs at fixed addresses. If the recording fails, or a replay differs from the function, the function is called
directly instead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

import torch
from torch import Tensor

log = logging.getLogger(__name__)

TensorFunction = Callable[[Tensor], tuple[Tensor, ...]]
"""A tensor -> tensors without autograd history, computed on its device only: nothing is read on the host."""

Replay = Callable[[], tuple[Tensor, ...]]
"""Replays a recording on the current content of its input; returns the same tensors each time, overwritten."""

WARM_UP_RUNS = 1
"""Runs before the one with which the recording is compared, for the initialisation of libraries."""

REPLAY_RTOL, REPLAY_NOISE_FACTOR = 1e-3, 16.0
"""Relative tolerance of a replay, plus this many times the difference between two runs of the function."""


class GraphRecorder(Protocol):
    """Records functions on a device."""

    def run(self, function: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        """Call the function on the stream on which `record` records."""

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        """Record the function with ``example`` as its fixed input; the replay keeps the tensors it needs alive."""


class CudaGraphs:
    """Records CUDA graphs, each in its own memory pool, which is freed with its replay."""

    failed: ClassVar[set[str]] = set()
    """Kinds of function whose recording has failed in this process; they are not tried again.

    PyTorch never frees the memory of a failed recording (pytorch issue 190348).
    """

    def __init__(self, device: torch.device, kind: str) -> None:
        self._kind = kind
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # untyped in torch
        """The stream for both running and recording, as libraries initialise themselves for each stream."""

    def run(self, function: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        current = torch.cuda.current_stream(x.device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            outputs = function(x)
        current.wait_stream(self._stream)
        return tuple(output.clone() for output in outputs)  # in memory of the caller's stream

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        graph = torch.cuda.CUDAGraph()
        try:
            # torch.cuda.graph does not restore the caller's stream if the recording fails; the outer context does
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
    """A function that is recorded after a few runs and replayed from then on.

    Replays equal the function up to the rounding differences between its runs. The outputs are never modified later.
    Only inputs of the recorded shape, dtype and device are replayed; others are passed to the function. Exceptions of
    the function are passed on.
    """

    def __init__(self, function: TensorFunction, recorder: GraphRecorder) -> None:
        self._function = function
        self._recorder: GraphRecorder | None = recorder
        """None once a recording has been tried."""
        self._runs = 0
        self._recording: tuple[Tensor, Replay] | None = None
        """The fixed input and the replay."""

    @property
    def is_replayed(self) -> bool:
        """Whether the function has been recorded and its replay verified."""
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
        """Return the outputs at x, and try to record the function."""
        outputs = recorder.run(self._function, x)
        self._recorder = None
        try:
            fixed = torch.zeros_like(x)  # not x, so that a replay without effect differs from the outputs at x
            replay = recorder.record(self._function, fixed)
            replayed = _replay_on(fixed, replay, x)
            if _all_close(replayed, outputs, outputs) or _all_close(replayed, outputs, recorder.run(self._function, x)):
                self._recording = fixed, replay
            else:
                log.warning("CUDA graphs are not used on %s: a replay differs from the computation.", x.device)
        except Exception as error:  # the outputs are known already, so any error only disables replay
            log.warning("CUDA graphs are not used on %s, which is slower: %s", x.device, str(error))
        return outputs


def recorder_for(device: torch.device, kind: str) -> GraphRecorder | None:
    """Return a recorder for one kind of function; None except on CUDA, or if recording that kind has failed before."""
    return CudaGraphs(device, kind) if device.type == "cuda" and kind not in CudaGraphs.failed else None


def _replay_on(fixed: Tensor, replay: Replay, x: Tensor) -> tuple[Tensor, ...]:
    fixed.copy_(x)
    return tuple(output.clone() for output in replay())


def _signature(x: Tensor) -> tuple[object, ...]:
    return x.shape, x.dtype, x.device


def _all_close(found: Sequence[Tensor], expected: Sequence[Tensor], again: Sequence[Tensor]) -> bool:
    """Return whether each tensor is close to the expected one, given the outputs ``again`` of another run.

    NaN is never close.
    """
    return all(
        _signature(f) == _signature(e)
        and bool(_norm(f - e) <= REPLAY_RTOL * _norm(e) + REPLAY_NOISE_FACTOR * _norm(a - e))
        for f, e, a in zip(found, expected, again, strict=True)
    )


def _norm(x: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, dtype=torch.promote_types(x.dtype, torch.float32))
    return norm
