"""The verdict on one cell from a set of facts: the reference that every other evaluator must agree with.

A cell is a person at an address, for a scope. Denials reach it from the person and, by the loose key, from the address;
grants reach it only by the strict key. A denial ends by time, by an operator's signed release, or by a later grant of the
person (the only way up); the order and the number of facts never matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mamigrate.consent.kinds import CONFIRMED_PROOF, KINDS, LIFTABLE, LIFTING, LIFTING_PROOF, WITH_OPERATOR, Grant, Lift
from mamigrate.consent.lattice import FOREVER, Permission, allows
from mamigrate.consent.scope import ALL, CLASSES, FLAT, Scope, Trees


class Fact(NamedTuple):
    """One statement about permission: the fields of ``ConsentFact`` that decide. ``lo`` and ``hi`` None: unbounded.

    ``basis`` says what a grant rests on where a law asks (``purchase``, ``card``, ``night``).
    """

    key: str
    kind: str
    holder: str
    person: str | None = None
    strict: str | None = None
    loose: str | None = None
    scope: Scope = Scope()
    lo: datetime | None = None
    hi: datetime | None = None
    until: datetime | None = None
    actor: str = "subject"
    proof: int = 0
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``persons``: the record and all that were merged into it. ``strict`` and ``loose`` are keys of its address."""

    persons: frozenset[str]
    strict: str | None
    loose: str | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class Rules:
    """``need``: the least grant that the cell's topic asks for. ``least_proof``: the least proof (0 to 4) of a grant that is
    one, also where it would end a denial. ``releases``: denials that an operator signed away, by fact key, with the decision;
    only what an operator may end is ended by one, and a complaint only where the person confirmed twice since, too.
    """

    trees: Trees = FLAT
    need: Grant = Grant.NONE
    releases: Mapping[str, str] = field(default_factory=dict)
    least_proof: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The value of a cell and its derivation, as keys of facts.

    ``denials`` hold. ``ended`` are denials that do not hold any more, each with what ended it: a grant's key, a
    decision, or ``until``. ``grants`` run; ``pending`` ones wait for the person's confirmation.
    """

    permission: Permission
    allowed: bool
    denials: tuple[str, ...]
    ended: tuple[tuple[str, str], ...]
    grants: tuple[str, ...]
    pending: tuple[str, ...]


def judge(facts: Iterable[Fact], cell: Cell, at: datetime, rules: Rules | None = None) -> Judgement:
    """Fold all facts that reach a cell. ``at`` is the instant that is asked about."""
    rules = rules or Rules()
    near = [fact for fact in dict.fromkeys(facts) if _reaches(fact, cell)]
    given = [f for f in near if KINDS[f.kind].polarity == "+" and f.proof >= rules.least_proof]
    grants = [f for f in given if _runs(f, at) and _covers(f, cell, rules.trees)]
    denials = [f for f in near if KINDS[f.kind].polarity == "-" and _covers(f, cell, rules.trees)]
    ended = {f.key: how for f in denials if (how := _end(f, grants, cell, at, rules))}
    holding = [fact for fact in denials if fact.key not in ended]
    pending = [fact for fact in near if fact.kind == "pending" and _covers(fact, cell, rules.trees)]
    permission = _permission(holding, grants, pending=bool(pending))
    return Judgement(
        permission,
        allows(permission, cell.scope.asset_class, rules.need, at),
        tuple(sorted(fact.key for fact in holding)),
        tuple(sorted(ended.items())),
        tuple(sorted(fact.key for fact in grants)),
        tuple(sorted(fact.key for fact in pending)),
    )


def _reaches(fact: Fact, cell: Cell) -> bool:
    """Denials spread one hop, over the person or the loose address; a grant is held by the pair, at the strict address."""
    if KINDS[fact.kind].polarity == "-":
        by_person = fact.holder == "person" and fact.person in cell.persons
        return by_person or (fact.holder == "address" and fact.loose is not None and fact.loose == cell.loose)
    return fact.person in cell.persons and fact.strict is not None and fact.strict == cell.strict


def _covers(fact: Fact, cell: Cell, trees: Trees) -> bool:
    rule = KINDS[fact.kind]
    if rule.polarity == "-":
        return trees.covers(fact.scope, cell.scope, every_class=rule.every_class)
    return trees.permits(fact.scope, cell.scope)


def _runs(grant: Fact, at: datetime) -> bool:
    """A grant that starts later is none yet; one without a date may be old, but it is one."""
    return (grant.lo is None or grant.lo <= at) and (grant.until is None or grant.until > at)


def _end(denial: Fact, grants: Iterable[Fact], cell: Cell, at: datetime, rules: Rules) -> str:
    """What ended a denial, or nothing. A denial that starts in the future holds already."""
    if denial.until is not None and denial.until <= at:
        return "until"
    if denial.key in rules.releases and _may_release(denial, grants):
        return rules.releases[denial.key]
    return min((grant.key for grant in grants if lifts(grant, denial)), default="")


def _may_release(denial: Fact, grants: Iterable[Fact]) -> bool:
    """Whether an operator may end a denial: a complaint only together with the person's own double opt-in since."""
    if denial.kind in WITH_OPERATOR:
        return any(grant.proof >= CONFIRMED_PROOF and _returns(grant, denial) for grant in grants)
    return KINDS[denial.kind].lift is Lift.OPERATOR


def lifts(grant: Fact, denial: Fact) -> bool:
    """Whether a grant that covers the same cell ends a denial: the person's own, proven, certainly later, and for it."""
    return denial.kind in LIFTABLE and _returns(grant, denial)


def _returns(grant: Fact, denial: Fact) -> bool:
    own = grant.kind in LIFTING and grant.actor == "subject" and grant.proof >= LIFTING_PROOF
    if not own:
        return False
    if grant.lo is None or denial.hi is None or grant.lo <= denial.hi:
        return False
    return denial.holder == "person" or (denial.strict is not None and grant.strict == denial.strict)


def _permission(holding: Iterable[Fact], grants: Iterable[Fact], *, pending: bool) -> Permission:
    found = Permission(grant=Grant.PENDING if pending else Grant.NONE)
    for fact in holding:
        rule = KINDS[fact.kind]
        denied = CLASSES[ALL] if rule.every_class else CLASSES.get(fact.scope.asset_class, CLASSES[ALL])
        found &= Permission(denied, rule.lift, Grant.CONFIRMED, FOREVER, not rule.kills)
    best = max(((level(fact), fact.until or FOREVER) for fact in grants), default=None, key=_rank)
    return found if best is None else Permission(found.denied, found.lift, best[0], best[1], found.deliverable)


def level(grant: Fact) -> Grant:
    """How much of a permission a grant is: a proven double opt-in confirms."""
    own = KINDS[grant.kind].grant
    return Grant.CONFIRMED if own is Grant.EXPRESS and grant.proof >= CONFIRMED_PROOF else own


def _rank(one: tuple[Grant, datetime]) -> tuple[int, datetime]:
    return list(Grant).index(one[0]), one[1]


def derivation_holds(judgement: Judgement, facts: Iterable[Fact], cell: Cell, at: datetime, rules: Rules) -> bool:
    """Re-evaluate a judgement from the facts that it names alone, and from all."""
    facts = list(facts)
    named = {*judgement.denials, *judgement.grants, *judgement.pending, *(key for key, _ in judgement.ended)}
    return all(judge(some, cell, at, rules) == judgement for some in (facts, [f for f in facts if f.key in named]))


def from_rows(rows: Iterable[Mapping[str, object]]) -> Iterator[Fact]:
    """Facts from rows of the population."""
    for row in rows:
        scope = Scope(*(str(row[name]) for name in Scope._fields))
        near = (row["key"], row["kind"], row["holder"], row["person_key"], row["address_strict"], row["address_loose"])
        yield Fact(*near, scope, *(row[name] for name in ("lo", "hi", "until", "actor", "proof")))  # type: ignore[arg-type]  # a row holds what the model says
