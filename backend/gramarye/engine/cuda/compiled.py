"""CUDA source compiled by NVRTC for the GPU present, and launched on PyTorch's stream.

Uses NVIDIA's Python bindings, which PyTorch installs on Linux together with the compiler. PyTorch's own way to compile
CUDA source needs a complete CUDA toolkit.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Dim3 = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class CompiledModule:
    """The functions of one source by name, loaded on one GPU."""

    gpu: torch.device
    module: Any
    """The CUmodule that owns the functions."""
    functions: dict[str, Any]

    def launch(self, name: str, grid: Dim3, block: Dim3, *arguments: Tensor | float) -> None:
        """Launch ``grid`` blocks of ``block`` threads on the GPU's current stream.

        Tensors are passed as pointers, numbers as int or float.

        Raises RuntimeError if the launch fails.
        """
        from cuda.bindings import driver

        values = tuple(a.data_ptr() if isinstance(a, Tensor) else a for a in arguments)
        kinds = tuple(_kind(a) for a in arguments)
        with torch.cuda.device(self.gpu):  # autograd's threads have no current context yet
            stream = torch.cuda.current_stream().cuda_stream
            _check(driver.cuLaunchKernel(self.functions[name], *grid, *block, 0, stream, (values, kinds), 0))


def _kind(argument: Tensor | float) -> type[ctypes.c_void_p | ctypes.c_int | ctypes.c_float]:
    if isinstance(argument, Tensor):
        return ctypes.c_void_p
    return ctypes.c_int if isinstance(argument, int) else ctypes.c_float


def compile_module(source: Path, names: tuple[str, ...], gpu: torch.device) -> CompiledModule:
    """Return the functions ``names`` of a source, each ``extern "C"``, compiled for a GPU.

    Raises ImportError without bindings or compiler, RuntimeError if the source does not compile.
    """
    from cuda.bindings import driver

    with torch.cuda.device(gpu):
        torch.cuda.current_stream().synchronize()  # makes PyTorch's context the current one
        (module,) = _check(driver.cuModuleLoadData(_compile_cubin(source, gpu)))
        functions = {name: _check(driver.cuModuleGetFunction(module, name.encode()))[0] for name in names}
    return CompiledModule(gpu, module, functions)


def _compile_cubin(source: Path, gpu: torch.device) -> bytes:
    from cuda.bindings import nvrtc

    (program,) = _check(nvrtc.nvrtcCreateProgram(source.read_bytes(), source.name.encode(), 0, [], []))
    major, minor = torch.cuda.get_device_capability(gpu)
    options = [f"--gpu-architecture=sm_{major}{minor}".encode()]
    (refusal,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
    if refusal:
        (size,) = _check(nvrtc.nvrtcGetProgramLogSize(program))
        words = bytes(size)
        _check(nvrtc.nvrtcGetProgramLog(program, words))
        raise RuntimeError(words.decode(errors="replace"))
    (size,) = _check(nvrtc.nvrtcGetCUBINSize(program))
    binary = bytes(size)  # the bindings write into this buffer
    _check(nvrtc.nvrtcGetCUBIN(program, binary))
    _check(nvrtc.nvrtcDestroyProgram(program))
    return binary


def _check(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the results of a call of the bindings without its error code. Raises RuntimeError for an error."""
    error, *rest = answer
    if error:
        raise RuntimeError(f"CUDA answers {error!r}")
    return tuple(rest)
