"""Lengths of bars."""

from hypothesis import given
from hypothesis import strategies as st

from mamigrate.reports import shapes
from mamigrate.reports.shapes import BUCKETS, THINNEST, WIDTH

numbers = st.dictionaries(st.sampled_from((*BUCKETS, "later")), st.integers(0, 10**9))


@given(numbers)
def test_a_stacked_bar_is_filled_without_gaps_and_shows_every_part(parts: dict[str, int]) -> None:
    made = shapes.stacked(parts)
    assert {one.name: one.number for one in made} == {name: n for name, n in parts.items() if n}
    assert sum(one.width for one in made) == (WIDTH if made else 0)
    assert all(one.width >= THINNEST for one in made)
    assert [one.x for one in made] == [sum(before.width for before in made[:at]) for at in range(len(made))]


@given(st.integers(0, 10**7), st.lists(st.tuples(st.just("cause"), st.integers(-(10**6), 10**6)), max_size=8))
def test_a_waterfall_never_leaves_its_frame(before: int, steps: list[tuple[str, int]]) -> None:
    after = before + sum(people for _, people in steps)
    for bar in shapes.waterfall(before, steps, max(0, after)):
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert bar.width >= THINNEST


def test_a_waterfall_leaves_out_what_changes_nothing() -> None:
    bars = shapes.waterfall(100, [("none", 0), ("some", -40)], 60)
    assert [(bar.name, bar.number) for bar in bars] == [("before", 100), ("some", -40), ("after", 60)]
    assert (bars[1].x, bars[1].width) == (600, 400)


def test_a_waterfall_without_an_end_ends_with_its_last_step() -> None:
    assert [bar.name for bar in shapes.waterfall(100, [("some", -40)], None)] == ["before", "some"]


def test_heat_tells_nothing_from_little_from_much() -> None:
    assert [shapes.heat(n, 100) for n in (0, 1, 10, 30, 60)] == [0, 1, 2, 3, 4]
    assert shapes.heat(0, 0) == 0
