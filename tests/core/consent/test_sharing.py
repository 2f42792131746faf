"""Up to three people who share up to three addresses: the engine, the fold and plain loops say the same of every record.

A record of the target has one address, and is whoever has that address. Who becomes the record is judged by everything that was
said of them and of the address; who has the address beside another one adds what is held against the person, and no yes.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from brute import may
from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.fold import Cell, Fact, Rules, judge
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import TopicCell, covers
from mamigrate.snapshot.engine import Engine
from worlds import NEWS, NOW, row, table

CELLS = [NEWS, NEWS._replace(topic="events"), NEWS._replace(topic="club")]
AT = ("Ana@x.example", "ben@x.example", "eva@x.example")


class Someone(NamedTuple):
    """``first``: the address, of three, that the record is written with; ``others``: further ones."""

    first: int | None
    others: tuple[int, ...] = ()

    @property
    def addresses(self) -> set[int]:
        return {self.first, *self.others} - {None}  # type: ignore[return-value]  # nobody has an address that is none


class World(NamedTuple):
    people: tuple[Someone, ...]
    facts: tuple[Fact, ...]


def strict(world: int, at: int) -> str:
    return f"{world}-{AT[at]}"


def loose(world: int, at: int) -> str:
    return strict(world, at).lower()


def named_at(world: int, at: int | None) -> tuple[str | None, str | None]:
    return (None, None) if at is None else (strict(world, at), loose(world, at))


def any_world(dice: random.Random, n: int) -> World:
    people = []
    for _ in range(dice.randint(1, 3)):
        some = dice.sample(range(3), dice.randint(1, 3))
        people.append(Someone(*dice.choice([(some[0], tuple(some[1:])), (some[0], ()), (None, ())])))
    return World(tuple(people), tuple(any_fact(dice, n, k, len(people)) for k in range(dice.randint(1, 5))))


def any_fact(dice: random.Random, n: int, k: int, people: int) -> Fact:
    lo, hi = sorted((dice.randint(0, 20), dice.randint(0, 20)), reverse=True)
    at, who = dice.choice((0, 1, 2, None)), dice.choice((*range(people), None))
    named = named_at(n, at)
    kinds = (
        "objection",
        "topic_opt_out",
        "block",
        "erasure",
        "undeliverable",
        "refused",
        "grant",
        "grant",
        "grant",
        "reconfirmed",
    )
    return Fact(
        f"{n}/{k}", dice.choice(kinds), dice.choice(("person", "address")), None if who is None else f"{n}-{who}", named[0], named[1],
        Scope("email", dice.choice(("*", "0", "7")), dice.choice(("*", "news", "news", "events"))),
        dice.choice((None, *[NOW - timedelta(lo)] * 3)), dice.choice((None, *[NOW - timedelta(hi)] * 3)),
        dice.choice((None, None, None, NOW - timedelta(dice.randint(-3, 3)))), dice.choice(("subject", "subject", "import")),
        dice.randint(1, 3),
    )  # fmt: skip


# --- the three -----------------------------------------------------------------------------------------------------------


def by_engine(engine: Engine, worlds: Sequence[World]) -> dict[str, tuple[tuple[str, ...], tuple[bool, ...]]]:
    """By who is written: all who become that record, and whether each topic is left open."""
    people = engine.memory(table(Kind.PERSON, list(_people(worlds))))
    facts = engine.memory(table(Kind.CONSENT_FACT, [row(fact) for world in worlds for fact in world.facts]))
    clusters = engine.keep(cluster.clusters(people))
    denials = engine.keep(verdict.active_denials(facts, NOW))
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), CELLS, FLAT))
    lifted = engine.keep(lifting.lifted(facts, denials, people, clusters, covering, NOW))
    pairs = clusters.select("person_key", "winner")
    none = verdict.exclusion_holds(engine.memory(table(Kind.LIST_MEMBERSHIP, [])), [])
    against = verdict.of_winners(pairs, verdict.of_people(people, denials), none)
    judged = verdict.of_clusters(pairs, lifting.remaining(against, lifted, covering, denials))
    members: dict[str, list[str]] = {}
    for one in engine.rows(pairs):
        members.setdefault(one["winner"], []).append(one["person_key"])
    return {
        one["winner"]: (tuple(sorted(members[one["winner"]])), tuple(_open(one["wide"], one["topics"])))
        for one in engine.rows(judged)
    }


def _open(wide: Sequence[str], topics: Sequence[str]) -> Iterator[bool]:
    for cell in CELLS:
        yield not wide and not covers(topics, TopicCell(cell.topic, cell.brand, None))


def _people(worlds: Sequence[World]) -> Iterator[dict[str, object]]:
    for n, world in enumerate(worlds):
        for who, one in enumerate(world.people):
            at = (
                {}
                if one.first is None
                else dict.fromkeys(("email_strict", "email_loose", "email_folded"), loose(n, one.first))
            )
            at |= {} if one.first is None else {"email_strict": strict(n, one.first)}
            others = [strict(n, other) for other in one.others]
            yield {"key": f"{n}-{who}", "archived": False, "other_emails": others, **at}


def by_fold(facts: Sequence[Fact], cell: Cell) -> bool:
    return judge(facts, cell, NOW, Rules()).allowed


def by_loops(facts: Sequence[Fact], cell: Cell) -> bool:
    return may(list(facts), cell, NOW, "none", {}, {})


def cells(n: int, world: World, members: Sequence[str], scope: Scope) -> Iterator[Cell]:
    """What must be allowed for a record to be open: the cell of who becomes it, and of each other who has the address, the person
    alone, at no address at all: no grant reaches there, and no denial of another address.
    """
    own = [int(key.rpartition("-")[2]) for key in members]
    first = world.people[own[0]].first
    at = named_at(n, first)
    yield Cell(frozenset(members), at[0], at[1], scope)
    for who, one in enumerate(world.people):
        if who not in own and first is not None and first in one.addresses:
            yield Cell(frozenset({f"{n}-{who}"}), None, None, scope)


def disagreements(folder: Path, worlds: Sequence[World]) -> list[tuple[object, ...]]:
    said = by_engine(Engine(folder, memory_mb=1000), worlds)
    assert sum(len(members) for members, _ in said.values()) == sum(len(world.people) for world in worlds)
    return list(_differing(said, worlds))


def _differing(said: Mapping[str, tuple[tuple[str, ...], tuple[bool, ...]]], worlds: Sequence[World]) -> Iterator[tuple[object, ...]]:  # fmt: skip
    for winner, (members, left_open) in said.items():
        n = int(winner.partition("-")[0])
        for scope, engine in zip(CELLS, left_open, strict=True):
            asked = list(cells(n, worlds[n], members, scope))
            fold, loops = (all(one(worlds[n].facts, cell) for cell in asked) for one in (by_fold, by_loops))
            if not engine == fold == loops:
                yield winner, members, scope.topic, engine, fold, loops, worlds[n]


def worlds(seed: int, number: int) -> list[World]:
    dice = random.Random(seed)
    return [any_world(dice, n) for n in range(number)]


def test_all_three_agree_on_people_who_share_addresses(tmp_path: Path) -> None:
    assert disagreements(tmp_path, worlds(7, 2_000)) == []


@pytest.mark.gate
def test_all_three_agree_on_many_people_who_share_addresses(tmp_path: Path) -> None:
    assert disagreements(tmp_path, worlds(8, 40_000)) == []


def test_10_who_moved_to_an_address_of_somebody_else_is_denied_at_both_and_closes_that_address_only(
    tmp_path: Path,
) -> None:
    """p left at A and has B now, which is q's as well; q has a record at C besides, as r."""
    left = tuple(
        Fact(f"0/{holder}", "objection", holder, "0-0", strict(0, 0), loose(0, 0), Scope(), NOW, NOW) for holder in ("person", "address")
    )  # fmt: skip
    people = (Someone(0, (1,)), Someone(1), Someone(2, (1,)))
    said = by_engine(Engine(tmp_path), [World(people, left)])
    assert {winner: left_open[0] for winner, (_, left_open) in said.items()} == {
        "0-0": False,
        "0-1": False,
        "0-2": True,
    }
