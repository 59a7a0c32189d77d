"""For tests that want a real graphics card."""

import pytest
import torch

requires_cuda = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device here: real ones are tested where there is one"
)

DEVICES = ["cpu", pytest.param("cuda", marks=requires_cuda)]
