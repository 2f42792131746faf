"""Laws of what is written and read back, over kinds and scopes that are drawn: nobody ever gets more than the facts allow.

L1: what reads back denies at least what was written, and is ended by nothing that would not end it. L2: to write what reads back
changes nothing. L3: doubt denies. L4: what is no wish of a person's never reads back as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.consent import cause
from mamigrate.consent.facts import OWN_ACTS, from_blockers, with_keys
from mamigrate.consent.fold import Cell, Fact, Rules, from_rows, judge
from mamigrate.consent.kinds import CONFIRMED_PROOF
from mamigrate.consent.scope import CLASSES, Scope
from mamigrate.contract import (
    EVERYTHING,
    Blocker,
    Change,
    ConsentFields,
    Denial,
    DenialSink,
    Finder,
    Instance,
    NeutralRow,
)
from mamigrate.mapping.model import TopicRule
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import DENYING, TopicCell, verdict
from mamigrate.testing.cases import each, with_protocol
from mamigrate.testing.suite_base import Cases, Make, writer_of
from mamigrate.testing.suite_consent import DENYING as KINDS

DRAWS, PEOPLE, SEED = 100, 10, 20261130
BEFORE, ADDRESS, BRAND = datetime(2020, 1, 1, tzinfo=UTC), "ana@x.example", "0"
CELLS = (
    TopicCell("news", BRAND, TopicRule.model_validate({"from": "news", "to": "noNews", "polarity": "opt_out"})),
    TopicCell("club", BRAND, TopicRule.model_validate({"from": "club", "to": "yesClub", "polarity": "opt_in"})),
    TopicCell("nowhere", BRAND, None),
)
"""A field that says no, one that says yes, and a subscription type that has none: leaving it leaves everything."""
TEXTS = ("", "clicked", "mamigrate: ", "topic opt out", "source hold: mamigrate: no longer on x")
Values = Mapping[str, str]


class LawCases(Cases):
    """For every adapter L3; for those that write denials as fields all four; for those that take denials L1 and L2."""

    def test_l3_a_flag_that_cannot_be_read_denies(self, clock: Clock) -> None:
        for blocker in self.adapter.blockers:
            for text in ("maybe", "TRUE ", "ja", "0.0", "\u3000"):
                values = {blocker.field: text}
                for asset_class in CLASSES[blocker.asset_class]:
                    found = judge(read_back((blocker,), values, clock.now()), cell(asset_class), clock.now())
                    assert not found.allowed, (blocker.field, text, asset_class)

    def test_no_text_beside_a_flag_weakens_it(self, clock: Clock) -> None:
        """Whoever wrote it: what it says is said beside the flag, or takes its place where nothing less would end it."""
        dice = Random(SEED)
        for blocker in self.adapter.blockers:
            if blocker.cause and blocker.when == "true":
                for text in (*TEXTS, *(cause.text(dice.sample(KINDS, dice.randint(1, 4)), "x") for _ in range(DRAWS))):
                    plain = {blocker.field: "true"}
                    spoken = read_back((blocker,), {**plain, blocker.cause: text}, clock.now())
                    weaker(spoken, read_back((blocker,), plain, clock.now()), clock.now(), text)

    @with_protocol(ConsentFields)
    def test_l1_what_reads_back_denies_at_least_what_was_written(self, instance: Instance, clock: Clock) -> None:
        for facts in drawn(Random(SEED)):
            weaker(read_back(self.adapter.blockers, written(instance, facts), clock.now()), facts, clock.now(), facts)

    @with_protocol(ConsentFields)
    def test_l2_to_write_what_reads_back_changes_nothing(self, instance: Instance, clock: Clock) -> None:
        for facts in drawn(Random(SEED + 1)):
            values = written(instance, facts)
            again = written(instance, read_back(self.adapter.blockers, values, clock.now()))
            assert flags(self.adapter.blockers, again) == flags(self.adapter.blockers, values), facts
            assert {name: again.get(name) for name in _fields()} == {name: values.get(name) for name in _fields()}

    @with_protocol(ConsentFields)
    def test_l4_what_is_no_wish_of_the_person_reads_back_as_none(self, instance: Instance, clock: Clock) -> None:
        for facts in drawn(Random(SEED + 2)):
            values = {name: text for name, text in written(instance, facts).items() if name not in _fields()}
            told = {one.kind for one in read_back(self.adapter.blockers, values, clock.now()) if one.actor == "subject"}
            assert told <= {fact.kind for fact in facts} & OWN_ACTS, facts

    @each(Power.WRITE, Power.READ_BACK, of=(Kind.PERSON,))
    def test_people_who_are_written_read_back_so_and_stay_so_when_they_are_written_again(
        self, ready: Instance, clock: Clock, make: Make, kind: Kind
    ) -> None:
        assert isinstance(ready, ConsentFields)
        sets = list(drawn(Random(SEED + 3), PEOPLE, narrow=False))
        values = [written(ready, facts, topics=False) for facts in sets]
        new = [make(kind, 900_000 + at) for at in range(PEOPLE)]
        keys = _sent(
            ready,
            [
                Change(one.source_key, None, {**one.values, **more}, one.links)
                for one, more in zip(new, values, strict=True)
            ],
        )
        first = _found(ready, keys)
        for facts, row in zip(sets, first, strict=True):
            weaker(read_back(self.adapter.blockers, row, clock.now()), facts, clock.now(), facts)
        again = [written(ready, read_back(self.adapter.blockers, row, clock.now()), topics=False) for row in first]
        _sent(ready, [Change(one.source_key, key, more) for one, key, more in zip(new, keys, again, strict=True)])
        assert [flags(self.adapter.blockers, row) for row in _found(ready, keys)] == [
            flags(self.adapter.blockers, row) for row in first
        ]

    @each(Power.DENY, of=(Kind.CONSENT_FACT,))
    def test_addresses_are_denied_what_was_asked_and_stay_so_when_they_are_denied_again(
        self, instance: Instance, topic: str, kind: Kind
    ) -> None:
        assert isinstance(instance, DenialSink)
        dice = Random(SEED)
        asked = [
            Denial(
                f"law{dice.randint(0, 5)}@laws.example", dice.choice((EVERYTHING, topic)), "mamigrate: objection on x"
            )
            for _ in range(9)
        ]
        asked = list(dict.fromkeys(asked))
        instance.deny(asked)
        there = instance.denied([one.address for one in asked])
        assert [one for one in asked if not there[one.address] & {EVERYTHING, one.topic}] == []
        instance.deny(asked)
        assert instance.denied([one.address for one in asked]) == there


# --- facts, what they are written as, and what that reads back as ------------------------------------------------------------


def drawn(dice: Random, number: int = DRAWS, *, narrow: bool = True) -> Iterator[list[Fact]]:
    """Sets of denials of one person at one address: of every kind for everything, and opt-outs of types and of a brand."""
    for _ in range(number):
        kinds = dice.sample(KINDS, dice.randint(1, 4))
        facts = [
            _fact(str(at), kind, Scope(asset_class="*" if kind == "block" else "MKT"), dice)
            for at, kind in enumerate(kinds)
        ]
        scopes = [
            Scope(brand=BRAND, topic=dice.choice(("*", *(one.key for one in CELLS)))) for _ in range(dice.randint(0, 2))
        ]
        parts = [_fact(f"t{at}", "topic_opt_out", scope, dice) for at, scope in enumerate(scopes)] if narrow else []
        yield dice.choice((facts, parts, facts + parts)) if parts else facts


def _fact(key: str, kind: str, scope: Scope, dice: Random) -> Fact:
    holder = "address" if kind in ("undeliverable", "time_hold") else dice.choice(("person", "address"))
    return Fact(key, kind, holder, "p", ADDRESS, ADDRESS, scope, BEFORE, BEFORE)


def written(instance: Instance, facts: Sequence[Fact], *, topics: bool = True) -> Values:
    """The fields that these facts are written as, as a run plans it."""
    assert isinstance(instance, ConsentFields)
    wide = sorted({fact.kind for fact in facts if fact.scope.topic == "*" and fact.scope.brand == "*"})
    parts = sorted({f"{fact.scope.brand}|{fact.scope.topic}" for fact in facts} - {"*|*"})
    cells = CELLS if topics else ()
    return verdict(wide, parts, [], cells, instance.denial_values, "x").values


def read_back(blockers: Sequence[Blocker], values: Values, now: datetime) -> list[Fact]:
    """The facts that a record with these values tells: of its flags, and of the fields of subscription types."""
    blank = {"key": "p", "email": ADDRESS, "created_at": BEFORE, "updated_at": now}
    person: NeutralRow = with_keys({**blank, "values": dict(values)})
    asked = [one for one in blockers if one.when != "not_true" or one.field in values]
    told = [
        Fact(
            f"t/{one.key}",
            "topic_opt_out",
            "address",
            "p",
            ADDRESS,
            ADDRESS,
            Scope(brand=BRAND, topic=one.key),
            BEFORE,
            now,
        )
        for one in CELLS
        if one.rule and one.rule.polarity and values.get(str(one.rule.target)) == DENYING[one.rule.polarity]
    ]
    return [*from_rows(from_blockers(person, asked, "x/person", now)), *told]


def _fields() -> set[str]:
    return {one.rule.target for one in CELLS if one.rule and one.rule.target}


def flags(blockers: Sequence[Blocker], values: Values) -> dict[str, str]:
    """What of the values denies, without the texts beside it."""
    return {one.field: values[one.field] for one in blockers if values.get(one.field, "false") != "false"}


# --- at most as permissive ---------------------------------------------------------------------------------------------------


def cell(asset_class: str, topic: str = "news") -> Cell:
    return Cell(frozenset({"p"}), ADDRESS, ADDRESS, Scope(brand=BRAND, topic=topic, asset_class=asset_class))


def weaker(one: Sequence[Fact], other: Sequence[Fact], now: datetime, what: object) -> None:
    """Assert that ``one`` allows at most what ``other`` does, cell by cell, and whoever comes back or is released."""
    for asset_class in CLASSES["*"]:
        for place in (cell(asset_class, topic.key) for topic in CELLS):
            assert judge(one, place, now).permission <= judge(other, place, now).permission, (what, place.scope)
            for release in (False, True):
                for returned in ([], [_return(now, place)]):
                    opened = [
                        judge([*facts, *returned], place, now, _released(facts, release)).allowed
                        for facts in (one, other)
                    ]
                    assert opened[0] <= opened[1], (what, place.scope, release, returned)


def _return(now: datetime, place: Cell) -> Fact:
    return Fact("back", "grant", "address", "p", ADDRESS, ADDRESS, place.scope, now, now, proof=CONFIRMED_PROOF)


def _released(facts: Iterable[Fact], release: bool) -> Rules:
    return Rules(releases={fact.key: "signed" for fact in facts} if release else {})


# --- over the wire -----------------------------------------------------------------------------------------------------------


def _sent(instance: Instance, changes: Sequence[Change]) -> list[str]:
    outcomes = writer_of(instance).write(Kind.PERSON, changes)
    assert [one.target_key for one in outcomes if not one.target_key] == [], outcomes
    return [str(one.target_key) for one in outcomes]


def _found(instance: Instance, keys: Sequence[str]) -> list[Values]:
    assert isinstance(instance, Finder)
    rows = {row["key"]: row["values"] for row in instance.find(Kind.PERSON, "id", keys, [])}
    return [rows[key] for key in keys]
