"""Properties of the eviction plan, for random jobs and limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gramarye.daemon.store.eviction import DAY, JobUsage, QuotaLimits, plan_eviction

NOW = 1_000 * DAY
TIMES = st.one_of(st.just(0.0), st.floats(1.0, NOW))


@st.composite
def _usages(draw: st.DrawFn) -> list[JobUsage]:
    sizes = draw(st.lists(st.integers(0, 100), max_size=12))
    usages = []
    for number, nbytes in enumerate(sizes):
        ended = draw(TIMES)
        usages.append(JobUsage(f"j{number}", nbytes, ended, draw(TIMES) if ended else 0.0))
    return usages


LIMITS = st.builds(QuotaLimits, st.integers(0, 600), st.sampled_from([0.0, 30 * DAY]))


@given(_usages(), st.integers(0, 300), LIMITS)
def test_what_waits_or_runs_and_what_is_young_and_unfetched_never_goes(
    usages: list[JobUsage], wanted: int, limits: QuotaLimits
) -> None:
    by_name = {usage.job: usage for usage in usages}
    for job in plan_eviction(usages, wanted, limits, NOW).evicted:
        assert by_name[job].ended > 0
        assert by_name[job].fetched > 0 or NOW - by_name[job].ended > limits.age


@given(_usages(), st.integers(0, 300), LIMITS)
def test_fits_is_exact_and_otherwise_nothing_evictable_is_left(
    usages: list[JobUsage], wanted: int, limits: QuotaLimits
) -> None:
    made = plan_eviction(usages, wanted, limits, NOW)
    kept = [usage for usage in usages if usage.job not in made.evicted]
    assert made.fits == (sum(usage.nbytes for usage in kept) + wanted <= limits.nbytes)
    if not made.fits:
        evictable = [
            usage
            for usage in kept
            if usage.nbytes and usage.ended and (usage.fetched or NOW - usage.ended > limits.age)
        ]
        assert evictable == []


@given(_usages(), st.integers(0, 300), LIMITS)
def test_no_job_goes_that_need_not(usages: list[JobUsage], wanted: int, limits: QuotaLimits) -> None:
    made = plan_eviction(usages, wanted, limits, NOW)
    if made.evicted:
        last = made.evicted[-1]
        without = [usage for usage in usages if usage.job not in made.evicted or usage.job == last]
        assert sum(usage.nbytes for usage in without) + wanted > limits.nbytes


@given(_usages(), st.integers(0, 300), LIMITS)
def test_fetched_ones_go_before_others_and_among_each_the_oldest_first(
    usages: list[JobUsage], wanted: int, limits: QuotaLimits
) -> None:
    by_name = {usage.job: usage for usage in usages}
    dropped = [by_name[job] for job in plan_eviction(usages, wanted, limits, NOW).evicted]
    kept = [usage for usage in usages if usage.nbytes and usage not in dropped]
    fetched = [usage.fetched for usage in dropped if usage.fetched]
    others = [usage.ended for usage in dropped if not usage.fetched]
    assert [bool(usage.fetched) for usage in dropped] == [True] * len(fetched) + [False] * len(others)
    assert fetched == sorted(fetched)
    assert others == sorted(others)
    kept_fetched = [usage.fetched for usage in kept if usage.fetched]
    if others:
        assert kept_fetched == []
    elif fetched and kept_fetched:
        assert max(fetched) <= min(kept_fetched)


def test_the_order_of_eviction_by_example() -> None:
    usages = [
        JobUsage("runs", 10),
        JobUsage("never fetched, old", 10, ended=NOW - 40 * DAY),
        JobUsage("never fetched, young", 10, ended=NOW - 29 * DAY),
        JobUsage("fetched today", 10, ended=NOW - 50 * DAY, fetched=NOW - 1),
        JobUsage("fetched last week", 10, ended=NOW - 8 * DAY, fetched=NOW - 7 * DAY),
    ]
    assert plan_eviction(usages, 0, QuotaLimits(50), NOW).evicted == ()
    assert plan_eviction(usages, 1, QuotaLimits(50), NOW).evicted == ("fetched last week",)
    assert plan_eviction(usages, 30, QuotaLimits(50), NOW).evicted == (
        "fetched last week",
        "fetched today",
        "never fetched, old",
    )
    assert not plan_eviction(usages, 31, QuotaLimits(50), NOW).fits
