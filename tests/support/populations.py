"""Small populations in which everything holds, as rows of the proof's tables: every way to be allowed and to be denied.

Verdicts come from the fold. What stands on the target is written from them, as a faithful move would leave it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pyarrow as pa

from mamigrate.consent.fold import Cell, Fact, Judgement, Rules, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.proof.explain import derivation
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE, Asked
from mamigrate.consent.scope import ALL, FLAT, Scope

NOW = datetime(2026, 1, 10, tzinfo=UTC)
SNAPSHOT, LATER = NOW - timedelta(days=2), NOW + timedelta(days=30)
ASKED = Asked(SNAPSHOT, NOW, LATER)
Row = dict[str, Any]

CELLS = [
    Scope("email", *where) for where in (("north", "news"), ("north", "events"), ("south", "news"), ("north", "club"))
]
ASKING = frozenset({"club"})
SCOPES = [
    Scope("email", brand, topic) for brand in (ALL, "north", "south") for topic in (ALL, "news", "events", "club")
]
SALES = Scope("email", "north", "club", "SLS")
SCOPES.append(SALES)
EVERYTHING, NEWS, CLUB = Scope("email", ALL, ALL), Scope("email", "north", "news"), Scope("email", "north", "club")


@dataclass
class Population:
    """``tables`` are rows by table. ``releases`` are denials that a signed wave ended, by key of the fact."""

    number: int
    dice: random.Random
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in SCHEMAS if name != "covers"})
    facts: list[Fact] = field(default_factory=list)
    releases: dict[str, str] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> Row:
        whole = dict.fromkeys(SCHEMAS[table].names) | {"population": self.number} | row
        self.tables[table].append(whole)
        return whole

    def some(self, table: str, **wanted: Any) -> Row:
        """Any row with these values."""
        rows = [row for row in self.tables[table] if all(row[name] == value for name, value in wanted.items())]
        return self.dice.choice(rows)


@dataclass(frozen=True)
class Someone:
    key: str
    strict: str
    there: bool = True

    @property
    def loose(self) -> str:
        return self.strict.lower()


def clean(number: int) -> Population:
    """A population in which every statement holds, another one for every number."""
    made = Population(number, random.Random(f"population {number}"))
    for cell in CELLS:
        made.add("topics", brand=cell.brand, topic=cell.topic, asset_class="MKT", asks=cell.topic in ASKING)
    roles = [role for role in ROLES for _ in range(made.dice.randint(1, 2))]
    made.dice.shuffle(roles)
    for place, role in enumerate(roles):
        role(made, Someone(f"p{place}", f"Who{place}@x.example", role is not _absent))
    _whole(made)
    return made


def _days(n: float) -> datetime:
    return NOW - timedelta(days=n)


def _fact(made: Population, who: Someone, kind: str, scope: Scope, when: datetime | None, **more: Any) -> Fact:
    key = f"f{len(made.facts)}"
    more = {"holder": "address", "proof": 2, **more}
    fact = Fact(key, kind, more.pop("holder"), who.key, who.strict, who.loose, scope, when, when, **more)
    made.facts.append(fact)
    return fact


# --- who there is ------------------------------------------------------------------------------------------------------


def _open(made: Population, who: Someone) -> None:
    _stand(made, who)


def _granted(made: Population, who: Someone) -> None:
    _fact(made, who, "grant", made.dice.choice((CLUB, CLUB._replace(brand=ALL))), _days(made.dice.randint(3, 900)))
    _stand(made, who)


def _opted_out(made: Population, who: Someone) -> None:
    when = _days(made.dice.randint(3, 900))
    for holder in ("person", "address"):
        _fact(made, who, "objection", EVERYTHING, when, holder=holder)
    _stand(made, who)


def _left_a_topic(made: Population, who: Someone) -> None:
    _fact(made, who, "topic_opt_out", NEWS, _days(9))
    _stand(made, who)


def _left_a_brand(made: Population, who: Someone) -> None:
    _fact(made, who, "objection", Scope("email", "south", ALL), _days(9), holder="person")
    _stand(made, who)


def _returned(made: Population, who: Someone) -> None:
    _fact(made, who, "objection", EVERYTHING, _days(90))
    _fact(made, who, "grant", NEWS, _days(30))
    _stand(made, who)


def _released(made: Population, who: Someone) -> None:
    held = _fact(made, who, "source_hold", EVERYTHING, _days(90), holder="person", actor="system")
    made.releases[held.key] = f"wave-{who.key}"
    made.add("waves", decision=f"wave-{who.key}", person=who.key, signer="dpo")
    _stand(made, who)


def _waited(made: Population, who: Someone) -> None:
    """A hold of some hours that is over since the snapshot."""
    hold = _fact(made, who, "time_hold", EVERYTHING, _days(3), until=_days(1), actor="system")
    assert hold.until is not None
    _stand(made, who)


def _held_for_a_while(made: Population, who: Someone) -> None:
    _fact(made, who, "time_hold", EVERYTHING, _days(1), until=NOW + timedelta(days=made.dice.randint(1, 20)))
    _stand(made, who)


def _agreed_since(made: Population, who: Someone) -> None:
    _fact(made, who, "grant", CLUB, _days(1))
    _stand(made, who)


def _absent(made: Population, who: Someone) -> None:
    """A denied address that the target holds nobody of."""
    fact = _fact(made, who, "objection", EVERYTHING, _days(50))
    made.add("suppressed", fact=fact.key, address_loose=who.loose)


def _allowed_nowhere(made: Population, who: Someone) -> None:
    """Left every topic, one by one: the target, which mails by default, must deny everything."""
    for scope in CELLS:
        _fact(made, who, "topic_opt_out", scope, _days(20))
    _stand(made, who)
    person, address = made.dice.choice(((who.key, who.loose), (who.key, None), (None, who.loose)))
    made.add("held", person=person, address_loose=address, **EVERYTHING._asdict(), read=True, settled=True)


def _regime_forbids(made: Population, who: Someone) -> None:
    """The source would mail, and a rule of law that was chosen does not allow it."""
    _stand(made, who, NEWS)


def _not_understood(made: Population, who: Someone) -> None:
    fact = _fact(made, who, "unparsed", EVERYTHING, None, holder="person", actor="system")
    _stand(made, who)
    made.add("readings", person=who.key, source_ref=f"crm/person/{fact.key}", understood=False)


def _erased(made: Population, who: Someone) -> None:
    made.add("tombstones", mark=_mark(who.loose))


def _on_a_card(made: Population, who: Someone) -> None:
    """The law of the person's country asks for a basis, and a rule that somebody signed knows one."""
    _fact(made, who, "implied_grant", EVERYTHING, None, basis="card", proof=1, actor="operator")
    _under_law(made, who)


def _agreed_under_law(made: Population, who: Someone) -> None:
    _fact(made, who, "grant", NEWS, _days(made.dice.randint(3, 900)))
    _under_law(made, who, *(scope for scope in CELLS if scope != NEWS))


def _under_law(made: Population, who: Someone, *forbidden: Scope) -> None:
    made.add("bound", person=who.key, pack="japan")
    made.add("based", person=who.key, pack="japan", fact=made.facts[-1].key)
    _stand(made, who, *forbidden)


ROLES = (
    _open, _open, _granted, _opted_out, _left_a_topic, _left_a_brand, _returned, _released, _released, _waited, _held_for_a_while,
    _agreed_since, _absent, _allowed_nowhere, _regime_forbids, _not_understood, _erased, _on_a_card, _agreed_under_law,
)  # fmt: skip


# --- what a faithful move leaves ---------------------------------------------------------------------------------------


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def rules(made: Population, topic: str) -> Rules:
    return Rules(FLAT, Grant.EXPRESS if topic in ASKING else Grant.NONE, made.releases)


def _stand(made: Population, who: Someone, *forbidden: Scope) -> None:
    """The record of somebody on the target, with a cell for each topic."""
    made.add("records", key=f"t-{who.key}", person=who.key, address_loose=who.loose, mark=_mark(who.loose), read=True)
    made.add("readings", person=who.key, source_ref=f"crm/person/{who.key}/ok", understood=True)
    mine = [fact for fact in made.facts if fact.person == who.key]
    ends: dict[str, set[str]] = {}
    for scope in CELLS:
        cell = Cell(frozenset({who.key}), who.strict, who.loose, scope)
        found = judge(mine, cell, NOW, rules(made, scope.topic))
        _cell(made, who, scope, cell, found, mine, forbidden=scope in forbidden)
        for denial, how in found.ended:
            ends.setdefault(denial, set())
            if how != "until":
                made.add("lifted", denial=denial, by=how, **scope._asdict())
        for denial in found.denials:
            ends.setdefault(denial, set()).add("held")
    for fact in mine:
        if KINDS[fact.kind].polarity == "-" and "held" in ends.get(fact.key, ()):
            _held(made, who, fact, found_ended=any(row["denial"] == fact.key for row in made.tables["lifted"]))


def _held(made: Population, who: Someone, fact: Fact, *, found_ended: bool) -> None:
    """A denial as wide as it was made, or where the person came back to some, one for each of the others."""
    lifted = [tuple(row[name] for name in SCOPE) for row in made.tables["lifted"] if row["denial"] == fact.key]
    scopes = [scope for scope in CELLS if scope not in lifted and FLAT.covers(fact.scope, scope)]
    for scope in scopes if found_ended else [fact.scope]:
        where = {"person": who.key, "address_loose": who.loose}
        made.add("held", **where, **scope._asdict(), fact=fact.key, read=True, settled=True)


def _cell(
    made: Population, who: Someone, scope: Scope, cell: Cell, found: Judgement, mine: list[Fact], *, forbidden: bool
) -> None:
    where = {"person": who.key, "address": who.strict, **scope._asdict()}
    allowed, mails = found.allowed and not forbidden, _source_mails(mine, cell, scope.topic)
    later = judge(mine, cell, LATER, rules(made, scope.topic)).allowed and not forbidden
    made.add(
        "verdicts", **where, address_loose=who.loose, allowed=allowed, later=later, source_mails=mails,
        derivation=list(derivation(found)),
    )  # fmt: skip
    enrolled = allowed and any(fact.key in found.grants and not fact.basis for fact in mine)
    made.add("cells", **where, address_loose=who.loose, allowed=allowed, enrolled=enrolled, read=True, settled=allowed)
    _written(made, where, found, allowed=allowed, enrolled=enrolled)
    if allowed and not mails:
        made.add("exceptions", **where, **_exception(made, found, mine))


def _source_mails(mine: list[Fact], cell: Cell, topic: str) -> bool:
    """As the source did: every denial wins, whatever came later."""
    then = [fact._replace(proof=0) for fact in mine if fact.lo is None or fact.lo <= SNAPSHOT]
    return judge(then, cell, SNAPSHOT, Rules(FLAT, rules(Population(0, random.Random()), topic).need)).allowed


def _exception(made: Population, found: Judgement, mine: list[Fact]) -> Row:
    for denial, how in found.ended:
        if how == "until":
            return {"why": "time", "reference": denial}
        if denial in made.releases:
            return {"why": "wave", "reference": how}
        return {"why": "lifted", "reference": denial}
    return {"why": "grant", "reference": next(f.key for f in mine if f.lo is not None and f.lo > SNAPSHOT)}


def _written(made: Population, where: Row, found: Judgement, *, allowed: bool, enrolled: bool) -> None:
    """Denied before it is there, opened by permit only."""
    released = next((how for denial, how in found.ended if denial in made.releases), None) if allowed else None
    if not allowed or released:
        made.add("journal", seq=_next(made), **where, denied=True)
    made.add("journal", seq=_next(made), **where, exists=True)
    if released:
        made.add("journal", seq=_next(made), **where, denied=False, decision=released)
    if enrolled:
        made.add("journal", seq=_next(made), **where, enrolled=True, permit=found.grants[0])


def _next(made: Population) -> int:
    return len(made.tables["journal"]) + 1


def _whole(made: Population) -> None:
    """What follows from the facts: evidence, active denials; and what the report says of it all."""
    for fact in made.facts:
        row = fact._asdict()
        where = row.pop("scope")._asdict()
        named = {"address_strict": row.pop("strict"), "address_loose": row.pop("loose"), **where}
        polarity, hash = KINDS[fact.kind].polarity, _mark(repr(fact))
        made.add("facts", **row, **named, polarity=polarity, source_ref=f"crm/person/{fact.key}", hash=hash)
        made.add("evidence", key=fact.key, hash=hash, lo=fact.lo, hi=fact.hi)
        if polarity == "-" and (fact.until is None or fact.until > NOW):
            held = {"holder": fact.holder, "person": fact.person, "address_loose": fact.loose, **where}
            times = dict(zip(("observed_at", "effective_at"), _in_time(made), strict=True))
            made.add("denials", fact=fact.key, kind=fact.kind, **held, **times)
    closed = sum(not row["allowed"] for row in made.tables["cells"])
    made.add("numbers", name="cells closed", said=closed, counted=closed, verdict="PASS", unread=0)
    n = len(made.facts)
    made.add("numbers", name="facts", said=n, counted=n, verdict="PASS", unread=0)
    made.add("planned", run=1, person="p0", field="unsubscribed")
    made.add("assets", key="newsletter", source_class="MKT", target_class="MKT")
    made.add("assets", key="receipt", source_class="TXN", target_class="TXN")
    made.add("assets", key="notice", source_class="MKT", target_class="SVC", decision="asset/notice")


def _in_time(made: Population) -> tuple[datetime, datetime | None]:
    """When a denial was seen, and since when it holds; one that was seen just now need not hold yet."""
    if made.dice.random() < 0.2:
        return NOW - timedelta(minutes=made.dice.randint(0, 59)), None
    seen = _days(made.dice.randint(1, 2))
    return seen, seen + timedelta(minutes=made.dice.randint(0, 59))


# --- as tables ---------------------------------------------------------------------------------------------------------


def covers() -> Iterator[Row]:
    for wide in SCOPES:
        for narrow in SCOPES:
            if FLAT.covers(wide, narrow):
                beneath = {f"under_{name}": value for name, value in narrow._asdict().items()}
                yield {**wide._asdict(), **beneath, "permits": FLAT.permits(wide, narrow)}


def stacked(populations: list[Population]) -> dict[str, pa.Table]:
    """All populations in one set of tables."""
    held = {name: [row for one in populations for row in one.tables[name]] for name in populations[0].tables}
    return {
        name: pa.Table.from_pylist(list(covers()) if name == "covers" else held[name], schema=schema)
        for name, schema in SCHEMAS.items()
    }
