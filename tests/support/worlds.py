"""Moves of small random worlds: facts of any kind about people and their addresses, as one move leaves them for its proof."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.fold import Fact, Rules
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.proof.of_move import places
from mamigrate.consent.proof.of_move.moved import JOURNAL, READ_BACK, Moved
from mamigrate.consent.proof.of_move.places import Place
from mamigrate.consent.regimes import basis
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.consent.standing import REFUSED
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.tables import schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STRICT, LOOSE = "Ana@x.example", "ana@x.example"
NEWS, CLUB = Scope("email", "0", "news"), Scope("email", "0", "club")
PLACES = [Place("0", "news", "MKT", False, "no_news"), Place("0", "club", "MKT", True, "club", "opt_in")]
RULES = {"news": Rules(), "club": Rules(need=Grant.EXPRESS)}


def any_fact(dice: random.Random, key: str, world: str) -> Fact:
    """A fact of any kind at any time, about the person of a world and its address, or about nobody there."""
    lo, hi = sorted((dice.randint(-3, 20), dice.randint(-3, 20)), reverse=True)
    return Fact(
        key, dice.choice(list(KINDS)), dice.choice(("person", "address")), dice.choice((world, world, None)),
        dice.choice((f"{world}-{STRICT}", f"{world}-{STRICT}", f"{world}-{LOOSE}", None)),
        dice.choice((f"{world}-{LOOSE}", f"{world}-{LOOSE}", "ben@x.example", None)),
        Scope(dice.choice(("email", "email", "*", "sms")), dice.choice(("*", "0", "7")), dice.choice(("*", "news", "club"))),
        dice.choice((None, NOW - timedelta(lo))), dice.choice((None, NOW - timedelta(hi))),
        dice.choice((None, None, NOW - timedelta(dice.randint(-3, 3)))),
        dice.choice(("subject", "subject", "agent", "operator", "system", "import")), dice.randint(0, 4),
    )  # fmt: skip


def worlds(seed: int, number: int) -> list[list[Fact]]:
    dice = random.Random(seed)
    return [[any_fact(dice, f"{n}/{k}", str(n)) for k in range(dice.randint(1, 5))] for n in range(number)]


def table(kind: Kind, rows: Sequence[dict[str, object]]) -> pa.Table:
    blank: dict[str, object] = {field.name: [] if pa.types.is_list(field.type) else None for field in schema(kind)}
    return pa.Table.from_pylist([{**blank, **row} for row in rows], schema=schema(kind))


def person(number: int, **more: object) -> dict[str, object]:
    key = str(number)
    return {"key": key, "email_strict": f"{key}-{STRICT}", "email_loose": f"{key}-{LOOSE}", "archived": False} | more


def row(fact: Fact) -> dict[str, object]:
    named = {"address_strict": fact.strict, "address_loose": fact.loose, "person_key": fact.person}
    times = {name: getattr(fact, name) for name in ("key", "kind", "holder", "lo", "hi", "until", "actor", "proof")}
    return {
        **named,
        **times,
        **fact.scope._asdict(),
        "polarity": KINDS[fact.kind].polarity,
        "source_ref": fact.key,
        "raw": "",
    }


def table_of(names: Sequence[str]) -> pa.Table:
    """No rows of what stands on the target."""
    types = {"until": pa.timestamp("us", "UTC")}
    return pa.schema([(name, types.get(name, pa.string())) for name in names]).empty_table()


def moved(engine: Engine, sets: Sequence[Sequence[Fact]], known: Sequence[dict[str, object]] = ()) -> Moved:
    """``known``: the source's people; without them one of each world."""
    people = engine.memory(table(Kind.PERSON, known or [person(n) for n in range(len(sets))]))
    facts = engine.memory(table(Kind.CONSENT_FACT, [row(fact) for world in sets for fact in world]))
    clusters = engine.keep(cluster.clusters(people))
    denials = engine.keep(verdict.active_denials(facts, NOW))
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), [NEWS, CLUB], FLAT))
    lifted = engine.keep(lifting.lifted(facts, denials, people, clusters, covering, NOW))
    granted = verdict.granted_topics(clusters, people, facts, NOW)
    winners = people.select("key", "email_strict", "email_loose").left_join(granted, people.key == granted.winner)
    nobody = engine.memory(pa.table({name: pa.array([], pa.string()) for name in ("target_key", "made")}))
    matched = engine.keep(winners.drop("winner").left_join(nobody, winners.key == nobody.target_key))
    texts = (
        "person_key",
        "list_key",
        "denial",
        "source_ref",
        "winner",
        "kind",
        "topic",
        "brand",
        "target_key",
        "pack",
        "key",
    )
    none = engine.memory(pa.table({name: pa.array([], pa.string()) for name in texts}))
    times = pa.table(
        {
            name: pa.array([at], pa.timestamp("us", "UTC"))
            for name, at in (("snapshot", NOW), ("at", NOW), ("later", NOW))
        }
    )
    return Moved(
        facts, people, clusters, matched, none, none, none, engine.memory(basis.SCHEMA.empty_table()), none, none, lifted,
        engine.memory(table_of(REFUSED)), none, none,
        engine.memory(schema(Kind.PERSON).empty_table()), engine.memory(READ_BACK.empty_table()),
        engine.memory(JOURNAL.empty_table()), engine.memory(times), places.cells(PLACES),
    )  # fmt: skip
