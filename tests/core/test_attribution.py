"""Won revenue split over programs: laws, and that the expression says what the plain function says."""

from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mamigrate.plan.attribution import attributed, attribution, cents_of, split
from mamigrate.snapshot.engine import Engine
from mamigrate.stages.programs_money import money

names = st.lists(st.sampled_from("abcdefghij"), max_size=12)
cents = st.integers(-(10**13), 10**13)
people = st.sets(st.sampled_from(["p1", "p2", "p3", "p4"]))
won = st.lists(st.tuples(cents, people), max_size=8)
successes = st.dictionaries(st.sampled_from(["p1", "p2", "p3", "p5"]), st.sets(st.sampled_from("abcde")), max_size=4)


@given(cents, names)
def test_no_cent_is_lost_or_made(amount: int, programs: list[str]) -> None:
    parts = split(amount, programs)
    assert sum(parts.values()) == (amount if programs else 0)
    assert parts.keys() == set(programs)


@given(cents, names)
def test_parts_differ_by_a_cent_at_most(amount: int, programs: list[str]) -> None:
    parts = split(amount, programs).values()
    assert max(parts, default=0) - min(parts, default=0) <= 1


@given(cents, st.permutations(list("abcdefg")))
def test_the_order_of_programs_does_not_matter(amount: int, shuffled: list[str]) -> None:
    assert split(amount, shuffled) == split(amount, sorted(shuffled))


@given(cents, names)
def test_a_loss_is_split_as_a_gain(amount: int, programs: list[str]) -> None:
    assert split(-amount, programs) == {name: -part for name, part in split(amount, programs).items()}


@pytest.mark.parametrize(
    ("amount", "programs", "parts"),
    [
        (100, "a", [100]),
        (100, "ab", [50, 50]),
        (100, "abc", [34, 33, 33]),
        (101, "abc", [34, 34, 33]),
        (-100, "abc", [-34, -33, -33]),
        (1, "abc", [1, 0, 0]),
        (0, "ab", [0, 0]),
    ],
)
def test_one_two_and_three_programs(amount: int, programs: str, parts: list[int]) -> None:
    assert list(split(amount, programs).values()) == parts


@given(won, successes)
def test_what_is_attributed_is_what_was_won_by_people_of_programs(
    won: list[tuple[int, set[str]]], successes: dict[str, set[str]]
) -> None:
    reached = sum(amount for amount, people in won if any(successes.get(one) for one in people))
    assert sum(attributed(won, successes).values()) == reached


@given(won, successes, st.randoms())
def test_the_order_of_opportunities_does_not_matter(
    won: list[tuple[int, set[str]]], successes: dict[str, set[str]], dice: object
) -> None:
    shuffled = list(won)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert attributed(shuffled, successes) == attributed(won, successes)


@given(won, successes)
def test_a_second_success_of_the_same_deal_in_a_program_counts_once(
    won: list[tuple[int, set[str]]], successes: dict[str, set[str]]
) -> None:
    doubled = {**successes, "p4": set().union(*successes.values())} if successes else successes
    for amount, people in won:
        programs = {program for one in people for program in doubled.get(one, ())}
        assert attributed([(amount, people)], doubled) == Counter(split(amount, programs))


@cache
def engine() -> Engine:
    return Engine(Path(mkdtemp()) / "spill")


def by_expression(won: list[tuple[int, set[str]]], successes: dict[str, set[str]]) -> dict[str, int]:
    deals = [{"deal": str(at), "cents": n, "person": one} for at, (n, people) in enumerate(won) for one in people]
    done = [{"program": program, "person": one} for one, programs in successes.items() for program in programs]
    schema = pa.schema([("deal", pa.string()), ("cents", pa.int64()), ("person", pa.string())])
    one = engine().memory(pa.Table.from_pylist(deals, schema))
    other = engine().memory(pa.Table.from_pylist(done, pa.schema([("program", pa.string()), ("person", pa.string())])))
    return {row["program"]: row["cents"] for row in engine().rows(attribution(one, other))}


@settings(max_examples=60, deadline=None)
@given(won, successes)
def test_the_expression_says_what_the_function_says(
    won: list[tuple[int, set[str]]], successes: dict[str, set[str]]
) -> None:
    plain = {name: part for name, part in attributed(won, successes).items() if part}
    assert {name: part for name, part in by_expression(won, successes).items() if part} == plain


def test_amounts_are_read_to_the_cent_whatever_is_written() -> None:
    texts = ["1", "1.5", "1200000.25", "-3.10", "0.005", "words", None, ""]
    table = engine().memory(pa.table({"amount": pa.array(texts, pa.string())}))
    found = [row["cents"] for row in engine().rows(table.select(cents=cents_of(table.amount)))]
    assert found == [100, 150, 120000025, -310, 1, 0, 0, 0]


@given(cents)
def test_money_is_told_with_two_places(amount: int) -> None:
    text = money(amount)
    assert int(text.replace(".", "")) == amount
    assert text[-3] == "."
