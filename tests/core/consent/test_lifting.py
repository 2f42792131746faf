"""A return over a whole population: what ends an opt-out, what does not, and where it ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from both_sides import Population
from mamigrate.snapshot.engine import Engine
from rows import NOW, day, fact, person

Said = dict[str, tuple[list[str], list[str]]]
LEFT: dict[str, Any] = {"lo": day(1), "hi": day(1)}
BACK: dict[str, Any] = {"kind": "grant", "polarity": "+", "proof": 2, "lo": day(2), "hi": day(2), "topic": "8", "brand": "0"}  # fmt: skip

RETURNS: dict[str, dict[str, Any]] = {
    "a form of the day after": {},
    "a confirmation": {"kind": "reconfirmed"},
    "a yes to everything": {"topic": "*", "brand": "*", "asset_class": "*"},
}
LESS: dict[str, dict[str, Any]] = {
    "an interest that a company claims": {"kind": "implied_grant"},
    "what staff entered": {"actor": "operator"},
    "an import": {"actor": "import"},
    "a bare flag": {"proof": 1},
    "no date": {"lo": None},
    "the very instant": {"lo": day(1)},
    "somebody else": {"person_key": "nobody"},
    "another spelling": {"address_strict": "Capital@x.com"},
    "another topic": {"topic": "9"},
    "another channel": {"channel": "sms"},
    "another class of mail": {"asset_class": "SLS"},
    "over": {"until": NOW},
    "in the future": {"lo": NOW + timedelta(1)},
}
DENIALS: dict[str, dict[str, Any]] = {
    "no date of the opt-out": {"hi": None},
    "an opt-out that may be as late": {"hi": day(2)},
    "no spelling of the opt-out": {"address_strict": None},
    "a complaint": {"kind": "complaint"},
    "a hold of the source": {"kind": "source_hold"},
}


def test_only_a_proven_later_return_at_the_very_address_ends_an_opt_out(tmp_path: Path) -> None:
    """Each in a world of its own, all in one population."""
    people, facts = [], []
    for number, (name, back, left) in enumerate(
        [
            *((name, change, {}) for name, change in (RETURNS | LESS).items()),
            *((name, {}, change) for name, change in DENIALS.items()),
        ]
    ):
        email = f"p{number}@x.com"
        people.append(person(name, email))
        own = {"address_strict": email, "address_loose": email}
        facts.append(fact(f"left{number}", **{"kind": "objection"} | own | LEFT | left))
        facts.append(fact(f"back{number}", **own | {"person_key": name} | BACK | back))
    population = Population(Engine(tmp_path / "spill"), people, facts)
    rows = {key: (row["wide"], row["topics"]) for key, row in population.rows().items()}
    ended: Said = {name: ([], ["7|9"]) for name in ("a form of the day after", "a confirmation")}
    kept: Said = {name: (["objection"], []) for name in LESS}
    held: Said = {name: ([change.get("kind", "objection")], []) for name, change in DENIALS.items()}
    assert rows == ended | {"a yes to everything": ([], [])} | kept | held


def test_a_return_to_marketing_is_none_to_sales_mail(tmp_path: Path) -> None:
    own = {"address_strict": "a@x.com", "address_loose": "a@x.com"}
    facts = [
        fact("left", **own | LEFT),
        fact("back", **own | {"person_key": "1"} | BACK | {"topic": "*", "brand": "*"}),
    ]
    cells = [("0", "8"), ("0", "5", "SLS")]
    population = Population(Engine(tmp_path / "spill"), [person("1", "a@x.com")], facts, cells=cells)
    assert population.rows()["1"]["topics"] == ["0|5"]


# --- at another address ----------------------------------------------------------------------------------------------------

HELD: dict[str, Any] = {"holder": "person", "person_key": "1", "brand": "0", "topic": "8"} | LEFT


def returned(email: str) -> list[dict[str, Any]]:
    """A person's own no, and the yes of the day after, given with this address."""
    own = {"address_strict": email, "address_loose": email.lower()}
    return [fact("left", **HELD), fact("back", **own | {"person_key": "1"} | BACK)]


@pytest.mark.parametrize(("at", "closed"), [("b@x.com", ["0|8"]), ("A@x.com", ["0|8"]), ("a@x.com", [])])
def test_a_return_ends_nothing_at_a_further_address_of_the_person(tmp_path: Path, at: str, closed: list[str]) -> None:
    """t1 is the person's own record, t2 another one of the person's, at a further address or at the very one."""
    people = [person("1", "a@x.com") | {"other_emails": ["b@x.com"]}]
    target = [person("t1", "a@x.com", mmSourceKey="hs/person/1"), person("t2", at)]
    population = Population(Engine(tmp_path / "spill"), people, returned("a@x.com"), target=target)
    (beside,) = (row for row in population.engine.rows(population.borne()) if row["target_key"] == "t2")
    assert (population.rows()["1"]["topics"], beside["topics"]) == ([], closed)


@pytest.mark.parametrize(
    ("there", "closed"), [("old@x.com", ["0|8"]), ("A@x.com", ["0|8"]), ("a@x.com", []), (None, [])]
)
def test_a_return_ends_nothing_at_the_address_that_the_persons_record_keeps(
    tmp_path: Path, there: str | None, closed: list[str]
) -> None:
    people, target = [person("1", "a@x.com")], [person("t1", there, mmSourceKey="hs/person/1")]
    more: dict[str, Any] = {"target": target, "ids": {"1": "t1"}}
    population = Population(Engine(tmp_path / "spill"), people, returned("a@x.com"), **more)
    row = population.rows()["1"]
    assert (row["target_key"], row["topics"]) == ("t1", closed)
    assert bool(population.engine.rows(population.lifted)) is not bool(closed)


@pytest.mark.parametrize(("keep_twins", "closed"), [(False, []), (True, ["0|8"])])
def test_of_twins_who_may_be_two_nobody_ends_what_the_other_said(
    tmp_path: Path, *, keep_twins: bool, closed: list[str]
) -> None:
    people = [person("1", "a@x.com", day(9)), person("2", "a@x.com", day(8))]
    facts = [fact("left", **HELD | {"person_key": "2"}), *returned("a@x.com")[1:]]
    population = Population(Engine(tmp_path / "spill"), people, facts, keep_twins=keep_twins)
    assert population.rows()["1"]["topics"] == closed
