"""Three evaluators of permission, written apart, say the same: the fold, the engine, and plain loops.

Every world is one person with one address and a handful of facts; all worlds stand in one table and are judged at once.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import pyarrow as pa
import pytest

from brute import may
from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.fold import Cell, Fact, Rules, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.lattice import allows
from mamigrate.consent.scope import Scope, Trees
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import TopicCell, covers
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.tables import schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TREES = Trees(topics={"news": "mail", "events": "mail"})
NEWS = Scope("email", "0", "news", "MKT")
CELLS = [NEWS, NEWS._replace(topic="events")]
STRICT, LOOSE = "Ana@x.example", "ana@x.example"


class Trait(NamedTuple):
    """What decides about a fact of the reduced domain."""

    kind: str
    holder: str
    topic: str
    when: tuple[int, int] | None
    actor: str
    proof: int

    def fact(self, key: str) -> Fact:
        lo, hi = (NOW - timedelta(self.when[0]), NOW - timedelta(self.when[1])) if self.when else (None, None)
        scope = Scope("email", "*", self.topic, "MKT")
        return Fact(key, self.kind, self.holder, "p", STRICT, LOOSE, scope, lo, hi, None, self.actor, self.proof)


BEFORE, OVERLAP, AFTER = (20, 18), (19, 10), (9, 8)
DOMAIN = [
    Trait(*traits)
    for traits in product(
        KINDS, ("person", "address"), ("news", "mail", "events"), (BEFORE, OVERLAP, AFTER, None), ("subject", "operator"), (1, 2)
    )
]  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill", memory_mb=1500)


def by_engine(engine: Engine, worlds: Sequence[Sequence[Fact]]) -> Iterator[tuple[bool, bool]]:
    """Whether the engine leaves the topic open, and whether with a grant, world by world.

    The person and the facts of a world bear its number.
    """
    people = engine.memory(_people(len(worlds)))
    facts = engine.memory(_facts(worlds))
    clusters = engine.keep(cluster.clusters(people))
    denials = engine.keep(verdict.active_denials(facts, NOW))
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), CELLS, TREES))
    lifted = engine.keep(lifting.lifted(facts, denials, people, clusters, covering, NOW))
    pairs = clusters.select("person_key", "winner")
    none = verdict.exclusion_holds(engine.memory(schema(Kind.LIST_MEMBERSHIP).empty_table()), [])
    against = verdict.of_winners(pairs, verdict.of_people(people, denials), none)
    left = lifting.remaining(against, lifted, covering, denials)
    granted = engine.keep(verdict.granted_topics(clusters, people, facts, NOW))
    judged = verdict.of_clusters(pairs, left).left_join(granted, "winner").drop("winner_right")
    cell = TopicCell("news", "0", None)
    for batch in engine.batches(judged.order_by(ibis._.winner.cast("int64")), 20_000):
        for row in batch:
            closed, agreed = ([*topics, *_inherited(topics)] for topics in (row["topics"], row["granted"] or []))
            left_open = not row["wide"] and not covers(closed, cell)
            yield left_open, left_open and covers(agreed, cell)


def _inherited(topics: Iterable[str]) -> Iterator[str]:
    """A denial of the parent topic is one of each of its topics, within its brand."""
    yield from (f"{cell.removesuffix('mail')}news" for cell in topics if cell.endswith("|mail"))


def _people(number: int) -> pa.Table:
    keys = [str(n) for n in range(number)]
    columns = {
        "key": pa.array(keys),
        "email_strict": pa.array([f"{key}-{STRICT}" for key in keys]),
        "email_loose": pa.array([f"{key}-{LOOSE}" for key in keys]),
        "archived": pa.array([False] * number),
    }
    return _table(Kind.PERSON, columns, number)


def _facts(worlds: Sequence[Sequence[Fact]]) -> pa.Table:
    rows = [(str(n), fact) for n, world in enumerate(worlds) for fact in world]
    columns = {
        "key": pa.array([f"{n}/{fact.key}" for n, fact in rows]),
        "polarity": pa.array([KINDS[fact.kind].polarity for _, fact in rows]),
        "person_key": pa.array([n if fact.person else None for n, fact in rows], pa.string()),
        "address_strict": pa.array([f"{n}-{fact.strict}" if fact.strict else None for n, fact in rows], pa.string()),
        "address_loose": pa.array([f"{n}-{fact.loose}" if fact.loose else None for n, fact in rows], pa.string()),
        **{name: pa.array([getattr(fact, name) for _, fact in rows]) for name in ("kind", "holder", "actor", "proof")},
        **{name: pa.array([getattr(fact.scope, name) for _, fact in rows]) for name in Scope._fields},
        **{name: _moments([getattr(fact, name) for _, fact in rows]) for name in ("lo", "hi", "until")},
    }
    return _table(Kind.CONSENT_FACT, columns, len(rows))


def _moments(values: list[datetime | None]) -> pa.Array:
    return pa.array(values, pa.timestamp("us", "UTC"))


def _table(kind: Kind, columns: dict[str, pa.Array], number: int) -> pa.Table:
    """A table of a kind: columns that are not given are null, or empty lists."""
    made = [
        columns[field.name].cast(field.type)
        if field.name in columns
        else pa.array([[]] * number, field.type) if pa.types.is_list(field.type) else pa.nulls(number, field.type)
        for field in schema(kind)
    ]  # fmt: skip
    return pa.table(made, schema=schema(kind))


CELL = Cell(frozenset({"p"}), STRICT, LOOSE, NEWS)
RULES, PARENTS = Rules(TREES), dict(TREES.topics)


def by_fold(world: Sequence[Fact]) -> tuple[bool, bool]:
    found = judge(world, CELL, NOW, RULES)
    return found.allowed, allows(found.permission, "MKT", Grant.EXPRESS, NOW)


def by_loops(world: Sequence[Fact]) -> tuple[bool, bool]:
    facts = list(world)
    left_open = may(facts, CELL, NOW, "none", PARENTS, {})
    return left_open, left_open and may(facts, CELL, NOW, "express", PARENTS, {})


def disagreements(engine: Engine, worlds: Sequence[Sequence[Fact]]) -> list[tuple[Any, ...]]:
    """Worlds about which the fold, the engine and the plain loops do not say the same."""
    asked = zip(worlds, by_engine(engine, worlds), strict=True)
    said = ((by_fold(world), answer, by_loops(world), world) for world, answer in asked)
    return [one for one in said if not one[0] == one[1] == one[2]]


def test_all_evaluators_agree_on_every_fact_of_the_reduced_domain(engine: Engine) -> None:
    worlds = [[trait.fact("a")] for trait in DOMAIN]
    assert len(worlds) == 16 * 2 * 3 * 4 * 2 * 2
    assert disagreements(engine, worlds) == []


def test_all_evaluators_agree_on_a_return_after_each_denial(engine: Engine) -> None:
    back = Trait("grant", "address", "news", AFTER, "subject", 2).fact("b")
    assert disagreements(engine, [[trait.fact("a"), back] for trait in DOMAIN]) == []


@pytest.mark.gate
def test_all_evaluators_agree_on_every_pair_of_the_reduced_domain(tmp_path: Path) -> None:
    ones, others = [trait.fact("a") for trait in DOMAIN], [trait.fact("b") for trait in DOMAIN]
    pairs = [(one, other) for at, one in enumerate(ones) for other in others[at:]]
    assert len(pairs) == 1536 * 1537 // 2
    for start in range(0, len(pairs), PART):
        assert disagreements(_engine(tmp_path, start), pairs[start : start + PART]) == []


@pytest.mark.gate
def test_all_evaluators_agree_on_a_million_random_sets(tmp_path: Path) -> None:
    dice = random.Random(20261122)
    for start in range(0, 1_000_000, PART):
        assert disagreements(_engine(tmp_path, start), _random_sets(dice, PART)) == []


def test_all_evaluators_agree_on_random_sets(engine: Engine) -> None:
    assert disagreements(engine, _random_sets(random.Random(7), 20_000)) == []


def test_fold_and_loops_agree_on_the_least_proof_of_a_grant() -> None:
    dice, seen = random.Random(17), set[tuple[bool, bool]]()
    for world in _random_sets(dice, 4_000):
        for least, need in ((3, Grant.NONE), (3, Grant.EXPRESS), (4, Grant.EXPRESS)):
            said = judge(world, CELL, NOW, Rules(TREES, need, least_proof=least)).allowed
            assert said == may(list(world), CELL, NOW, str(need), PARENTS, {}, least), world
            seen.add((said, judge(world, CELL, NOW, Rules(TREES, need)).allowed))
    assert seen == {(True, True), (False, True), (False, False)}


def test_fold_and_loops_agree_on_what_an_operator_releases() -> None:
    dice, ended = random.Random(23), set[str]()
    spam = Trait("complaint", "address", "news", BEFORE, "subject", 1).fact("spam")
    for world in _random_sets(dice, 4_000):
        back = Trait("grant", "address", "news", AFTER, "subject", dice.randint(3, 4)).fact("back")
        world = [*world[:2], spam, back] if dice.random() < 0.3 else world
        keys = tuple(dice.sample([fact.key for fact in world], 2))
        rules = Rules(TREES, releases=dict.fromkeys(keys, "signed"))
        found = judge(world, CELL, NOW, rules)
        assert found.allowed == may(list(world), CELL, NOW, "none", PARENTS, {}, 0, keys), world
        ended |= {fact.kind for fact in world if (fact.key, "signed") in found.ended}
    assert ended == {"block", "org_hold", "source_hold", "unparsed", "undeliverable", "complaint"}


PART = 100_000


def _engine(folder: Path, number: int) -> Engine:
    """A fresh one: what it keeps would pile up."""
    return Engine(folder / str(number), memory_mb=1500)


def _random_sets(dice: random.Random, number: int) -> list[list[Fact]]:
    """Of facts that were drawn before: to draw each anew takes longer than to judge them all three ways."""
    facts = [_any_fact(dice, "") for _ in range(20_000)]
    return [
        [fact._replace(key=str(n)) for n, fact in enumerate(dice.choices(facts, k=dice.randint(3, 5)))]
        for _ in range(number)
    ]


def _any_fact(dice: random.Random, key: str) -> Fact:
    """A fact of any kind at any time, about this person and address or others, running or over."""
    lo, hi = sorted((dice.randint(-3, 20), dice.randint(-3, 20)), reverse=True)
    return Fact(
        key,
        dice.choice(list(KINDS)),
        dice.choice(("person", "address")),
        dice.choice(("p", "p", None)),
        dice.choice((STRICT, STRICT, LOOSE, None)),
        dice.choice((LOOSE, LOOSE, "ben@x.example", None)),
        Scope(dice.choice(("email", "email", "*", "sms")), dice.choice(("*", "0", "7")), dice.choice(("*", "news", "mail", "events")), "MKT"),
        dice.choice((None, NOW - timedelta(lo))),
        dice.choice((None, NOW - timedelta(hi))),
        dice.choice((None, None, NOW - timedelta(dice.randint(-3, 3)))),
        dice.choice(("subject", "subject", "agent", "operator", "system", "import")),
        dice.randint(0, 4),
    )  # fmt: skip
