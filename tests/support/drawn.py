"""Facts, sets of facts and cells as property tests draw them: about one person and address, or beside them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from mamigrate.consent.fold import Cell, Fact
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.scope import Scope, Trees

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TREES = Trees(brands={"north": "group"}, topics={"news": "all_news", "events": "all_news"})
CELL = Cell(frozenset({"p1", "p1-old"}), "Ana@x.example", "ana@x.example", Scope(brand="north", topic="news"))
DAYS = st.integers(-5, 5).map(lambda n: NOW + timedelta(days=n))


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """A fact of any kind, about the cell or beside it."""
    lo = draw(st.none() | DAYS)
    return Fact(
        key=str(draw(st.integers(0, 10**6))),
        kind=draw(st.sampled_from(sorted(KINDS))),
        holder=draw(st.sampled_from(["person", "address"])),
        person=draw(st.sampled_from([None, "p1", "p1", "p1-old", "p2"])),
        strict=draw(st.sampled_from([None, "Ana@x.example", "Ana@x.example", "ana@x.example"])),
        loose=draw(st.sampled_from([None, "ana@x.example", "ana@x.example", "ben@x.example"])),
        scope=Scope(
            draw(st.sampled_from(["*", "email", "email", "sms"])),
            draw(st.sampled_from(["*", "north", "group", "south"])),
            draw(st.sampled_from(["*", "news", "all_news", "events"])),
            draw(st.sampled_from(["*", "MKT", "MKT", "SLS", "SVC", "TXN"])),
        ),
        lo=lo,
        hi=draw(st.none() | DAYS.filter(lambda hi: lo is None or hi >= lo)),
        until=draw(st.none() | st.none() | DAYS),
        actor=draw(st.sampled_from(["subject", "subject", "agent", "operator", "system", "import"])),
        proof=draw(st.integers(0, 4)),
    )


SETS = st.lists(facts(), max_size=5, unique_by=lambda fact: fact.key)
CELLS = st.sampled_from(["MKT", "SLS", "SVC", "TXN"]).map(
    lambda kind: replace(CELL, scope=CELL.scope._replace(asset_class=kind))
)
NEEDS = st.sampled_from([Grant.NONE, Grant.IMPLIED, Grant.EXPRESS, Grant.CONFIRMED])


def near(fact: Fact) -> Fact:
    """The same fact about the cell itself: random ones mostly pass by."""
    topic = fact.scope.topic if fact.scope.topic != "events" else "news"
    return fact._replace(person="p1", strict=CELL.strict, loose=CELL.loose, scope=Scope(topic=topic), until=None)


NEAR = st.lists(facts().map(near), max_size=5, unique_by=lambda fact: fact.key)


@st.composite
def returns(draw: st.DrawFn) -> Fact:
    """A proven, dated grant by the person for the cell."""
    kind, days, proof = (
        draw(st.sampled_from(["grant", "reconfirmed"])),
        draw(st.integers(0, 5)),
        draw(st.integers(2, 4)),
    )
    at = NOW - timedelta(days=days)
    return near(draw(facts()))._replace(key="return", kind=kind, actor="subject", proof=proof, lo=at, hi=at)
