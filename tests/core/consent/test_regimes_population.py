"""What packs deny on the engine is what they deny in the fold, over many small worlds in one table."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.fold import Cell, Fact, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.regimes import basis, population
from mamigrate.consent.regimes.basis import BasisRule
from mamigrate.consent.regimes.choice import Regime
from mamigrate.consent.regimes.ended import ended
from mamigrate.consent.regimes.pack import Pack, packs
from mamigrate.consent.regimes.permit import counts, months_after, permitted
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import fact, person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = packs()
REGIME = Regime(tuple(ALL.values()), ALL["gdpr"])
CELLS = [Scope("email", "0", "news"), Scope("email", "0", "events")]
COUNTRIES = ("JP", "Canada", "대한민국", "USA", "Germany", "Brazil", "")
BASES = ("", "purchase", "inquiry", "card", "dealings", "published", "own_customer")


def world(number: int, dice: random.Random) -> tuple[str, list[Fact]]:
    """A country and some grants of one person."""
    return dice.choice(COUNTRIES), [_grant(number, at, dice) for at in range(dice.randint(0, 3))]


def _grant(number: int, at: int, dice: random.Random) -> Fact:
    lo = dice.choice([None, months_after(NOW, -dice.randint(0, 30)), NOW + timedelta(days=3)])
    strict = dice.choice([f"p{number}@x.example", f"p{number}@x.example", f"P{number}@x.example"])
    scope = Scope("email", "*", dice.choice(["*", "news", "events", "other"]), dice.choice(["MKT", "MKT", "SVC", "*"]))
    kind = dice.choice(sorted(name for name, rule in KINDS.items() if rule.polarity == "+"))
    ends = dice.choice([None, None, NOW + timedelta(9), NOW - timedelta(9)])
    return Fact(
        f"{number}/{at}",
        kind,
        "address",
        f"p{number}",
        strict,
        None,
        scope,
        lo,
        lo,
        ends,
        proof=dice.randint(0, 4),
        basis=dice.choice(BASES),
    )


def by_engine(engine: Engine, worlds: Sequence[tuple[str, list[Fact]]]) -> dict[str, set[str]]:
    """What packs deny, by person: texts ``brand|topic``."""
    rows = [person(f"p{n}", f"p{n}@x.example", country=country) for n, (country, _) in enumerate(worlds)]
    people = engine.rows_as_table(rows, Kind.PERSON)
    clusters = engine.keep(cluster.clusters(people))
    facts = engine.memory(_table([one for _, world in worlds for one in world]))
    counted = engine.keep(population.counting(facts, population.asking(REGIME), NOW))
    reach = engine.memory(population.reach(engine.rows(population.scopes(facts)), CELLS, FLAT))
    bound = engine.keep(population.bound(people, clusters, "country", _bound(engine, people)))
    topics = engine.memory(population.topics(CELLS))
    found: dict[str, set[str]] = {}
    near = engine.keep(population.based(facts, counted, people, clusters))
    for row in engine.rows(population.against(near, bound, reach, topics)):
        found.setdefault(row["winner"], set()).add(f"{row['brand']}|{row['topic']}")
    return found


def _bound(engine: Engine, people: ibis.Table) -> ibis.Table:
    texts = [row["country"] for row in engine.rows(population.countries(people, "country"))]
    asking = {pack.name for pack in population.asking(REGIME)}
    pairs = [pair for pair in REGIME.bound(texts) if pair[1] in asking]
    columns = zip(("country", "pack"), zip(*pairs, strict=True), strict=True)
    return engine.memory(pa.table({name: pa.array(column, pa.string()) for name, column in columns}))


def _table(facts: Sequence[Fact]) -> pa.Table:
    moments = pa.timestamp("us", "UTC")
    return pa.table(
        {
            "key": [one.key for one in facts], "kind": [one.kind for one in facts], "person_key": [one.person for one in facts],
            "address_strict": [one.strict for one in facts], "basis": [one.basis for one in facts], "proof": [one.proof for one in facts],
            "lo": pa.array([one.lo for one in facts], moments), "until": pa.array([one.until for one in facts], moments),
            **{name: [getattr(one.scope, name) for one in facts] for name in Scope._fields},
        }
    )  # fmt: skip


def by_fold(number: int, country: str, facts: list[Fact]) -> Iterator[tuple[str, bool]]:
    """(``brand|topic``, whether packs say no), where the source alone says yes."""
    for scope in CELLS:
        cell = Cell(frozenset({f"p{number}"}), f"p{number}@x.example", f"p{number}@x.example", scope)
        assert judge(facts, cell, NOW).allowed
        yield f"{scope.brand}|{scope.topic}", bool(permitted(REGIME.of(country), facts, cell, NOW).against)


def test_to_the_engine_too_a_denial_is_ended_by_what_a_pack_counts_alone(tmp_path: Path) -> None:
    """Denials, returns and older grants of all proofs: what the source opens again, each pack closes as the fold does."""
    dice, engine = random.Random(5), Engine(tmp_path / "spill", memory_mb=500)
    worlds = [(dice.choice(COUNTRIES), list(_returned(n, dice))) for n in range(1_500)]
    found = relapsed(engine, worlds)
    differ, closed = [], 0
    for number, (country, facts) in enumerate(worlds):
        for scope in CELLS:
            cell = Cell(frozenset({f"p{number}"}), f"p{number}@x.example", f"p{number}@x.example", scope)
            said, text = permitted(REGIME.of(country), facts, cell, NOW), f"{scope.brand}|{scope.topic}"
            if said.judgement.allowed:
                closed += bool(said.against)
                differ += (
                    [(country, facts, text)]
                    if bool(said.against) is not bool({text, "*|*"} & found.get(f"p{number}", set()))
                    else []
                )
    assert not differ
    assert closed > 40


def _returned(number: int, dice: random.Random) -> Iterator[Fact]:
    at = NOW - timedelta(days=dice.randint(1, 300))
    here = (f"p{number}", f"p{number}@x.example", f"p{number}@x.example", Scope("email", "*", "*"))
    yield Fact(f"{number}/no", "objection", "address", *here, at, at)
    for seq in range(3):
        days, proof = dice.choice((-900, -300, -1, 0, 1)), dice.randint(0, 4)
        when = min(at + timedelta(days=days), NOW)
        topic = Scope("email", "*", dice.choice(("*", "news", "events")))
        yield Fact(f"{number}/{seq}", "grant", "address", *here[:3], topic, when, when, proof=proof)


def relapsed(engine: Engine, worlds: Sequence[tuple[str, list[Fact]]]) -> dict[str, set[str]]:
    rows = [person(f"p{n}", f"p{n}@x.example", country=country) for n, (country, _) in enumerate(worlds)]
    people = engine.rows_as_table(rows, Kind.PERSON)
    clusters = engine.keep(cluster.clusters(people))
    told = [{**one._asdict(), **one.scope._asdict(), "person_key": one.person, "address_strict": one.strict,
             "address_loose": one.loose, "polarity": KINDS[one.kind].polarity} for _, world in worlds for one in world]  # fmt: skip
    names = (
        "key",
        "kind",
        "holder",
        "person_key",
        "address_strict",
        "address_loose",
        "polarity",
        *Scope._fields,
        "lo",
        "hi",
        "actor",
        "proof",
    )
    facts = engine.rows_as_table([fact(**{name: row[name] for name in names}) for row in told], Kind.CONSENT_FACT)
    whole = facts.mutate(basis=ibis.literal(""))
    counted = engine.keep(population.counting(whole, population.asking(REGIME), NOW))
    reach = engine.memory(population.reach(engine.rows(population.scopes(facts)), CELLS, FLAT))
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), CELLS, FLAT))
    ends = engine.keep(lifting.ends(facts, verdict.active_denials(facts, NOW), people, clusters, covering, NOW))
    bound = engine.keep(population.bound(people, clusters, "country", _bound(engine, people)))
    topics = engine.memory(population.topics(CELLS))
    near = engine.keep(population.based(whole, counted, people, clusters))
    denied = population.against(near, bound, reach, topics).union(population.relapsed(ends, counted, bound, topics))
    found: dict[str, set[str]] = {}
    for row in engine.rows(denied):
        found.setdefault(row["winner"], set()).add(f"{row['brand']}|{row['topic']}")
    return found


def test_the_engine_denies_what_the_fold_denies(tmp_path: Path) -> None:
    dice = random.Random(11)
    worlds = [world(number, dice) for number in range(3_000)]
    found = by_engine(Engine(tmp_path / "spill", memory_mb=500), worlds)
    differ, denied = [], 0
    for number, (country, facts) in enumerate(worlds):
        closed = found.get(f"p{number}", set())
        for cell, no in by_fold(number, country, facts):
            denied += no
            if no is not bool({cell, "*|*"} & closed):
                differ.append((country, facts, cell, no))
    assert not differ
    assert 1_000 < denied < 5_500  # both answers are common


def test_a_grant_ends_when_the_fold_does_not_count_it_any_more(tmp_path: Path) -> None:
    """Before its end a pack counts it, at its end it does not; what ends outside the span is not told, nor what has no end."""
    dice, since = random.Random(5), months_after(NOW, -3)
    facts = [one for number in range(600) for one in _lasting(number, dice)]
    engine = Engine(tmp_path / "spill", memory_mb=500)
    rows = engine.rows(ended(engine.memory(_table(facts)), population.asking(REGIME), since, NOW))
    found = {(row["key"], row["pack"]): row["ended"] for row in rows}
    expected = {
        (one.key, pack.name)
        for one in facts
        for pack in population.asking(REGIME)
        if _counted(pack, one, since) and not _counted(pack, one, NOW)
    }
    assert set(found) == expected
    assert len(expected) > 50
    instant = timedelta(microseconds=1)
    for (key, pack), end in found.items():
        (one,) = (one for one in facts if one.key == key)
        assert since < end <= NOW
        assert _counted(ALL[pack], one, end - instant) and not _counted(ALL[pack], one, end)


def _lasting(number: int, dice: random.Random) -> Iterator[Fact]:
    """Grants that had begun three months ago; some end by themselves."""
    for one in world(number, dice)[1]:
        begun = months_after(NOW, -dice.randint(4, 30))
        yield one._replace(lo=begun, hi=begun, until=dice.choice([None, None, NOW - timedelta(9), NOW + timedelta(9)]))


def _counted(pack: Pack, one: Fact, at: datetime) -> bool:
    running = one.until is None or one.until > at
    return running and counts(pack, one, at, pack.needs(*population.MAIL))


RULES = (
    BasisRule(field="basis", values=("名刺", "card"), basis="card", dated_by="met_on"),
    BasisRule(field="customer_since", basis="purchase", dated_by="customer_since", topics=("news",)),
)


def test_a_basis_rule_reads_grants_out_of_fields(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill", memory_mb=500)
    rows = [
        person("1", "a@x.example", basis=" 名刺 ", met_on="2025-03-01"),
        person("2", "b@x.example", basis="CARD"),
        person("3", "c@x.example", basis="bought list"),
        person("4", None, basis="card"),
        person("5", "e@x.example", customer_since="2025-05-05T10:00:00Z", basis="card", met_on="some day"),
    ]
    people = engine.rows_as_table(rows, Kind.PERSON)
    found = engine.rows(ibis.union(*basis.facts(people, RULES, "crm")).order_by("key"))
    told = [(row["key"], row["basis"], row["topic"], row["lo"], row["hi"]) for row in found]
    day, moment = datetime(2025, 2, 28, 10, tzinfo=UTC), datetime(2025, 5, 5, 10, tzinfo=UTC)
    assert told == [
        ("crm/person/1/basis/0/*", "card", "*", day, datetime(2025, 3, 2, 12, tzinfo=UTC)),
        ("crm/person/2/basis/0/*", "card", "*", None, None),
        ("crm/person/5/basis/0/*", "card", "*", None, None),
        ("crm/person/5/customer_since/1/news", "purchase", "news", moment, moment),
    ]
    assert [row["raw"] for row in found[:2]] == [" 名刺 ", "CARD"]
    assert {(row["polarity"], row["actor"], row["source_ref"].rpartition("/")[0]) for row in found[:1]} == {
        ("+", "operator", "crm/person/1")
    }


def test_rows_of_facts_fit_the_table_that_packs_read(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill", memory_mb=500)
    filed = engine.rows_as_table([fact("1", "grant", polarity="+")], Kind.CONSENT_FACT)
    people = engine.rows_as_table([person("1", "a@x.example", basis="card")], Kind.PERSON)
    whole = basis.beside(filed, basis.every(people, RULES, "crm"))
    assert {row["basis"] for row in engine.rows(whole)} == {"", "card"}


def test_a_basis_that_no_pack_knows_is_refused_where_it_would_have_to_count() -> None:
    with pytest.raises(ValueError, match='no pack of law knows the basis "cards"; did you mean "card"'):
        BasisRule(field="basis", basis="cards")
    assert BasisRule(field="basis", basis="cards", kind="grant").basis == "cards"


def test_a_basis_rule_without_a_date_gives_an_undated_grant(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill", memory_mb=500)
    people = engine.rows_as_table([person("1", "a@x.example", basis="card")], Kind.PERSON)
    (row,) = engine.rows(basis.facts(people, (BasisRule(field="basis", basis="card"),), "crm")[0])
    assert (row["key"], row["lo"], row["kind"]) == ("crm/person/1/basis/0/*", None, "implied_grant")


def test_the_law_of_every_record_of_a_person_binds(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill", memory_mb=500)
    old, new = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
    people = engine.rows_as_table(
        [person("1", "a@x.example", new, country="US"), person("2", "A@x.example", old, country="JP"), person("3", "b@x.example")],
        Kind.PERSON,
    )  # fmt: skip
    told = [row["country"] for row in engine.rows(population.countries(people, "country"))]
    packs_of = engine.memory(pa.table({"country": ["US", "JP"], "pack": ["can_spam", "japan"]}))
    found = engine.rows(population.bound(people, cluster.clusters(people), "country", packs_of))
    assert sorted(told) == ["", "JP", "US"]
    assert sorted((row["winner"], row["pack"]) for row in found) == [("1", "can_spam"), ("1", "japan")]
    assert [row["country"] for row in engine.rows(population.countries(people, ""))] == [""]


def counted(folder: Path, pack: Pack, **grant: Any) -> bool:
    engine = Engine(folder / "spill", memory_mb=500)
    row = fact("g", **{"kind": "grant", "polarity": "+", "person_key": "1", "proof": 1, **grant})
    read = engine.rows_as_table([row], Kind.CONSENT_FACT)
    facts = read.mutate(basis=ibis.literal("")).select(*basis.COLUMNS)
    return bool(engine.rows(population.counting(facts, [pack], NOW)))


@pytest.mark.parametrize(("seconds", "counts"), [(0, False), (-1, False), (1, True)])
def test_a_term_of_months_is_over_at_its_instant(tmp_path: Path, seconds: int, counts: bool) -> None:
    assert counted(tmp_path, packs()["korea"], lo=months_after(NOW, -24) + timedelta(seconds=seconds)) is counts


@pytest.mark.parametrize(
    ("kind", "proof", "counts"), [("grant", 4, True), ("grant", 3, False), ("implied_grant", 4, False)]
)
def test_where_a_double_opt_in_is_asked_for_nothing_less_counts(
    tmp_path: Path, kind: str, proof: int, counts: bool
) -> None:
    pack = packs()["gdpr"].model_copy(update={"need": {"*": Grant.CONFIRMED}, "soft": {}})
    assert counted(tmp_path, pack, kind=kind, proof=proof, lo=NOW) is counts
