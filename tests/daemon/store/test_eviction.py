"""Which results go first, whatever is held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gramarye.daemon.store.eviction import DAY, Held, Limits, plan

NOW = 1_000 * DAY
TIMES = st.one_of(st.just(0.0), st.floats(1.0, NOW))


@st.composite
def _held(draw: st.DrawFn) -> list[Held]:
    sizes = draw(st.lists(st.integers(0, 100), max_size=12))
    held = []
    for number, nbytes in enumerate(sizes):
        ended = draw(TIMES)
        held.append(Held(f"j{number}", nbytes, ended, draw(TIMES) if ended else 0.0))
    return held


LIMITS = st.builds(Limits, st.integers(0, 600), st.sampled_from([0.0, 30 * DAY]))


@given(_held(), st.integers(0, 300), LIMITS)
def test_what_waits_or_runs_and_what_is_young_and_unfetched_never_goes(
    held: list[Held], wanted: int, limits: Limits
) -> None:
    by_name = {one.job: one for one in held}
    for job in plan(held, wanted, limits, NOW).drop:
        assert by_name[job].ended > 0
        assert by_name[job].fetched > 0 or NOW - by_name[job].ended > limits.age


@given(_held(), st.integers(0, 300), LIMITS)
def test_it_fits_exactly_where_the_rest_leaves_room_and_else_nothing_more_could_go(
    held: list[Held], wanted: int, limits: Limits
) -> None:
    made = plan(held, wanted, limits, NOW)
    kept = [one for one in held if one.job not in made.drop]
    assert made.fits == (sum(one.nbytes for one in kept) + wanted <= limits.nbytes)
    if not made.fits:
        could_go = [one for one in kept if one.nbytes and one.ended and (one.fetched or NOW - one.ended > limits.age)]
        assert could_go == []


@given(_held(), st.integers(0, 300), LIMITS)
def test_no_job_goes_that_need_not(held: list[Held], wanted: int, limits: Limits) -> None:
    made = plan(held, wanted, limits, NOW)
    if made.drop:
        last = made.drop[-1]
        without = [one for one in held if one.job not in made.drop or one.job == last]
        assert sum(one.nbytes for one in without) + wanted > limits.nbytes


@given(_held(), st.integers(0, 300), LIMITS)
def test_fetched_ones_go_before_others_and_among_each_the_oldest_first(
    held: list[Held], wanted: int, limits: Limits
) -> None:
    by_name = {one.job: one for one in held}
    dropped = [by_name[job] for job in plan(held, wanted, limits, NOW).drop]
    kept = [one for one in held if one.nbytes and one not in dropped]
    fetched = [one.fetched for one in dropped if one.fetched]
    others = [one.ended for one in dropped if not one.fetched]
    assert [bool(one.fetched) for one in dropped] == [True] * len(fetched) + [False] * len(others)
    assert fetched == sorted(fetched)
    assert others == sorted(others)
    kept_fetched = [one.fetched for one in kept if one.fetched]
    if others:
        assert kept_fetched == []
    elif fetched and kept_fetched:
        assert max(fetched) <= min(kept_fetched)


def test_the_order_is_seen_in_one_example() -> None:
    held = [
        Held("runs", 10),
        Held("never fetched, old", 10, ended=NOW - 40 * DAY),
        Held("never fetched, young", 10, ended=NOW - 29 * DAY),
        Held("fetched today", 10, ended=NOW - 50 * DAY, fetched=NOW - 1),
        Held("fetched last week", 10, ended=NOW - 8 * DAY, fetched=NOW - 7 * DAY),
    ]
    assert plan(held, 0, Limits(50), NOW).drop == ()
    assert plan(held, 1, Limits(50), NOW).drop == ("fetched last week",)
    assert plan(held, 30, Limits(50), NOW).drop == ("fetched last week", "fetched today", "never fetched, old")
    assert not plan(held, 31, Limits(50), NOW).fits
