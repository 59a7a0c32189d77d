"""The rate limit of a client's requests."""

from __future__ import annotations

import pytest

from gramarye.daemon.network.rate_limit import RateLimiter


def test_a_burst_goes_through_then_the_rate_holds() -> None:
    limiter = RateLimiter(rate=10.0, burst=5, max_delay=100.0)
    waits = [limiter.delay(0.0) for _ in range(8)]
    assert waits[:5] == [0.0] * 5
    assert waits[5:] == pytest.approx([0.1, 0.2, 0.3])


def test_a_request_that_would_wait_too_long_is_refused_and_not_counted() -> None:
    limiter = RateLimiter(rate=10.0, burst=1, max_delay=0.15)
    assert limiter.delay(0.0) == 0.0
    assert limiter.delay(0.0) == pytest.approx(0.1)
    assert [limiter.delay(0.0) for _ in range(50)] == [None] * 50
    assert limiter.delay(0.1) == pytest.approx(0.1)


def test_a_client_that_keeps_to_the_rate_never_waits() -> None:
    limiter = RateLimiter(rate=10.0, burst=1)
    assert [limiter.delay(0.11 * number) for number in range(100)] == [0.0] * 100


def test_a_pause_gives_the_burst_back_and_no_more() -> None:
    limiter = RateLimiter(rate=10.0, burst=3)
    assert [limiter.delay(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, None]
    assert [limiter.delay(1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, None]
