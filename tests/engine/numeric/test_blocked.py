"""Blocked arithmetic equals the unblocked, for sizes that are and are not multiples of blocks and runs."""

import pytest
import torch

from engine.support import dot
from gramarye.engine.numeric.blocked import BLOCK, add_scaled_rows, inner_products, l1_norm


@pytest.mark.parametrize("size", [1, 4095, 4097, BLOCK, BLOCK + 4097, 2 * BLOCK + 1])
@pytest.mark.parametrize("other", [torch.float32, torch.bfloat16])
def test_dot_of_any_length_and_format_is_summed_in_float64(size: int, other: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(size)
    a, b = (1e3 + torch.randn(size, generator=generator) for _ in range(2))
    b = b.to(other)
    assert dot(a, b) == pytest.approx(float(torch.dot(a.double(), b.double())), rel=2e-7)


@pytest.mark.parametrize("size", [(3, 4), (40, 41), (300, 301)])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_inner_products_of_rows_match_single_inner_products(size: tuple[int, int], count: int) -> None:
    rows, x = torch.randn(count, 3 * size[0] * size[1]).to(torch.bfloat16), torch.randn(1, 3, *size)
    found = inner_products(rows, x)
    assert found.dtype == torch.float64
    rounding = 1e-7 * float(rows[0].norm() * x.norm())
    assert found.tolist() == pytest.approx([dot(row, x.flatten()) for row in rows], rel=1e-7, abs=rounding)


@pytest.mark.parametrize("size", [(3, 4), (40, 41), (400, 301)])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_scaled_rows_are_added_in_place_in_the_totals_format(size: tuple[int, int], count: int) -> None:
    total, rows = torch.randn(1, 3, *size), torch.randn(count, 3 * size[0] * size[1]).to(torch.bfloat16)
    factors = torch.linspace(-0.3, 0.5, count)
    expected = total.double() + (factors.double() @ rows.double()).view(total.shape)
    add_scaled_rows(total, rows, factors)
    torch.testing.assert_close(total, expected.float(), rtol=1e-5, atol=1e-5)


def test_l1_norm_is_the_sum_of_magnitudes() -> None:
    assert l1_norm(torch.tensor([[-3.0, 1.0], [0.0, 2.0]])).tolist() == [6.0]
