"""Slab by slab: the numbers of the whole, for sizes that fill slabs and runs and those that do not."""

import pytest
import torch

from gramarye.engine.slabs import SLAB, accumulate, dot, dots, fetched, inner, mean_magnitude


@pytest.mark.parametrize("size", [1, 4095, 4097, SLAB, SLAB + 4097, 2 * SLAB + 1])
@pytest.mark.parametrize("other", [torch.float32, torch.bfloat16])
def test_dot_of_any_length_and_format_is_summed_in_float64(size: int, other: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(size)
    a, b = (1e3 + torch.randn(size, generator=generator) for _ in range(2))
    b = b.to(other)
    assert dot(a, b) == pytest.approx(float(torch.dot(a.double(), b.double())), rel=2e-7)


def test_dots_of_several_pairs_are_each_ones_own_to_the_bit() -> None:
    pairs = [(torch.randn(size), torch.randn(size)) for size in (1, 4097, SLAB + 5)]
    assert dots(*pairs) == [dot(*pair) for pair in pairs]


def test_a_product_that_stays_on_its_device_is_the_one_that_is_read() -> None:
    a, b = torch.randn(1, 3, 300, 301), torch.randn(1, 3, 300, 301).to(torch.bfloat16)
    product = inner(a, b)
    assert product.shape == ()
    assert float(product) == pytest.approx(dot(a, b), rel=1e-12)


def test_numbers_are_fetched_as_they_are() -> None:
    given = (torch.randn(5), torch.randn(0), torch.randn(2, dtype=torch.float64))
    for one, other in zip(fetched(*given), given, strict=True):
        assert torch.equal(one, other.double())


def test_accumulation_is_in_place_and_in_the_totals_own_format() -> None:
    total, x = torch.randn(1, 3, 400, 301), torch.randn(1, 3, 400, 301).to(torch.bfloat16)
    expected = total.double() - 0.3 * x.double()
    accumulate(total, x, torch.tensor(-0.3, dtype=torch.float64))
    torch.testing.assert_close(total, expected.float())


def test_mean_magnitude() -> None:
    assert mean_magnitude(torch.tensor([[-3.0, 1.0], [0.0, 2.0]])) == 1.5
