"""Requests for a double opt-in that nobody confirmed: what they became, by the reference and over a population."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mamigrate.consent import pending
from mamigrate.consent.address import keys
from mamigrate.consent.fold import Cell, Fact, Rules, from_rows, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.scope import Scope
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TERM = timedelta(days=30)
ANA = keys("ana@x.example")


def ago(days: float) -> datetime:
    return NOW - timedelta(days)


def asked(days: float | None, **more: Any) -> Fact:
    when = None if days is None else ago(days)
    told: dict[str, Any] = {"scope": Scope(topic="news"), "lo": when, "hi": when, **more}
    return Fact("asked", "pending", "address", "p", ANA.strict, ANA.loose, **told)


def yes(days: float | None, **more: Any) -> Fact:
    return asked(days)._replace(**{"key": "yes", "kind": "grant", "proof": 4, **more})


def became(*facts: Fact) -> list[Fact]:
    return list(pending.refusals(facts, NOW, TERM))


def allowed(*facts: Fact, topic: str = "news") -> bool:
    cell = Cell(frozenset({"p"}), ANA.strict, ANA.loose, Scope(topic=topic))
    return judge([*facts, *became(*facts)], cell, NOW, Rules(need=Grant.NONE)).allowed


def test_24_after_its_time_a_request_is_a_refusal_of_its_topic() -> None:
    (refused,) = became(asked(400))
    assert (refused.kind, refused.lo, refused.actor) == ("refused", ago(370), "system")
    assert not allowed(asked(400))
    assert allowed(asked(400), topic="events")


@pytest.mark.parametrize(
    ("one", "over"),
    [
        (asked(3), False),
        (asked(29.9), False),
        (asked(30), True),
        (asked(None), True),  # Nobody knows since when it waits.
        (asked(None, lo=ago(400), hi=ago(3)), True),  # It may have been made then.
        (asked(3, until=ago(1)), True),
        (asked(400, until=NOW + timedelta(1)), False),
    ],
)
def test_a_request_waits_for_its_term_or_as_long_as_the_source_says(one: Fact, over: bool) -> None:
    assert bool(became(one)) is over


@pytest.mark.parametrize(
    ("grant", "confirmed"),
    [
        (yes(399), True),
        (yes(400), True),
        (yes(1), True),
        (yes(401), False),
        (yes(0), True),
        (yes(-1), False),  # Nobody has said it yet.
        (yes(None), False),
        (yes(399, proof=1), False),
        (yes(399, actor="import"), False),
        (yes(399, kind="implied_grant"), False),
        (yes(399, strict="Ana@x.example"), False),
        (yes(399, person="q"), False),
        (yes(399, scope=Scope(topic="events")), False),
        (yes(399, scope=Scope()), True),
    ],
)
def test_only_the_person_s_own_proven_yes_confirms(grant: Fact, confirmed: bool) -> None:
    assert bool(became(asked(400), grant)) is not confirmed


def test_a_later_yes_ends_the_refusal_as_it_ends_any() -> None:
    unsure = asked(None, lo=ago(500), hi=ago(400))
    assert not allowed(unsure, yes(450))
    assert allowed(unsure, yes(10))


def test_of_two_requests_with_one_key_only_the_confirmed_one_is_over_and_done(tmp_path: Path) -> None:
    facts = [asked(400), asked(350), asked(400, scope=Scope(topic="events")), yes(390)]
    engine = Engine(tmp_path / "spill", memory_mb=200)
    found = engine.rows(pending.refused(engine.rows_as_table(list(rows(facts)), Kind.CONSENT_FACT), NOW, TERM))
    assert sorted((one["topic"], one["lo"]) for one in found) == [("events", ago(370)), ("news", ago(320))]


def rows(facts: list[Fact]) -> Iterator[dict[str, Any]]:
    for fact in facts:
        named = {"person_key": fact.person, "address_strict": fact.strict, "address_loose": fact.loose}
        own = {name: getattr(fact, name) for name in ("key", "kind", "holder", "lo", "hi", "until", "actor", "proof")}
        yield {**own, **named, **fact.scope._asdict(), "polarity": KINDS[fact.kind].polarity, "source_ref": "", "raw": ""}  # fmt: skip


def drawn(dice: random.Random, number: int) -> Fact:
    def moment() -> datetime | None:
        return dice.choice([None, ago(400), ago(390), ago(31), ago(30), ago(5), ago(-5)])

    lo, hi = moment(), moment()
    if lo is not None and hi is not None:
        lo, hi = min(lo, hi), max(lo, hi)
    base = asked(None, lo=lo, hi=hi, until=dice.choice([None, None, ago(1), NOW + timedelta(1)]))
    scope = Scope(dice.choice(["email", "*"]), dice.choice(["*", "b"]), dice.choice(["*", "news"]))
    return base._replace(
        key=str(number), kind=dice.choice(["pending", "grant", "reconfirmed", "implied_grant"]), scope=scope,
        person=dice.choice(["p", "q", None]), strict=dice.choice([ANA.strict, "Ana@x.example", None]),
        proof=dice.choice([1, 2, 4]), actor=dice.choice(["subject", "subject", "import"]),
    )  # fmt: skip


def test_the_population_says_what_the_reference_says(tmp_path: Path) -> None:
    dice = random.Random(24)
    engine, said = Engine(tmp_path / "spill", memory_mb=200), 0
    for world in range(12):
        facts = [drawn(dice, 100 * world + dice.randrange(18)) for _ in range(25)]  # Keys may stand several times.
        table = engine.rows_as_table(list(rows(facts)), Kind.CONSENT_FACT)
        found = engine.rows(pending.refused(table, NOW, TERM))
        assert Counter(from_rows(found)) == Counter(became(*facts)), world
        assert engine.rows(pending.apart(pending.refused(table, NOW, TERM))) == []
        said += len(found)
    assert said > 30
