"""Packs of law in a whole move: who holds no basis is not mailed, is counted, and everybody else is as before."""

import json
from datetime import UTC, datetime

import pytest

from mamigrate.consent.regimes.pack import packs
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, Record, Yes
from pair import Pair, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

SIGNED = 'signed = "Ana Ito, 2026-11-20"'


@pytest.fixture(autouse=True)
def estate(pair: Pair) -> None:
    """One person without any consent in each of some countries, and one who agreed to the news."""
    for side in (pair.source, pair.target):
        side.field(Kind.PERSON, FieldDef(name="country", meaning="country"))
    pair.source.field(Kind.PERSON, FieldDef(name="how"))
    pair.source.topic("news")
    pair.source.topic("events")
    for at, country in enumerate(("日本", "USA", "Germany", "Brazil")):
        pair.source.person(f"{country}@x.example".replace("日本", "japan"), id=str(at), country=country)
    pair.source.person("yes@x.example", id="9", country="Germany")
    pair.source.yeses.append(
        Yes(address="yes@x.example", person="9", topic="news", at=datetime(2024, 1, 1, tzinfo=UTC))
    )


def law(pair: Pair, *lines: str, basis: str = "") -> None:
    pair.toml["consent"] = "\n".join([*lines, SIGNED])
    if basis:
        pair.toml["[consent.basis]"] = basis


def open_people(pair: Pair) -> set[str]:
    return {one.values["email"].partition("@")[0] for one in pair.target.people.values() if mailable(one)}


def closed_topics(person: Record) -> set[str]:
    return {topic for topic in ("news", "events") if person.values.get(f"mmNoTopic{topic}") == "true"}


def test_without_packs_the_source_alone_decides(pair: Pair) -> None:
    pair.moved()
    assert open_people(pair) == {"japan", "USA", "Germany", "Brazil", "yes"}


def test_each_country_has_its_own_law(pair: Pair) -> None:
    law(pair, 'packs = ["japan", "gdpr", "can_spam"]')
    said = pair.moved()
    assert open_people(pair) == {"USA", "Brazil", "yes"}
    assert closed_topics(pair.landed("yes@x.example")) == {"events"}
    assert pair.landed("japan@x.example").values["held"] == "true"
    (told,) = [one for one in said.report["findings"] if one["code"] == "no_basis"]
    assert told["params"] == {"nowhere": "2", "partly": "1"}
    steps = {step["cause"]: step["people"] for step in said.report["reach"]["steps"]}
    assert steps["no_basis"] == -2
    assert said.report["reach"]["unexplained"] == 0


def test_who_has_no_known_country_takes_the_default(pair: Pair) -> None:
    law(pair, 'packs = ["can_spam"]', 'default_regime = "gdpr"')
    pair.moved()
    assert open_people(pair) == {"USA", "yes"}


def test_a_basis_rule_keeps_reach_where_the_law_knows_the_basis(pair: Pair) -> None:
    pair.source.person("card@x.example", id="20", country="JP", how="名刺")
    pair.source.person("bought@x.example", id="21", country="JP", how="購入リスト")
    pair.source.person("german@x.example", id="22", country="Germany", how="名刺")
    pair.source.person("left@x.example", id="23", country="JP", how="名刺", unsubscribed="true")
    law(pair, 'packs = ["japan", "gdpr"]', basis='field = "how"\nvalues = ["名刺"]\nbasis = "card"')
    pair.moved()
    assert open_people(pair) == {"USA", "Brazil", "yes", "card"}


def test_a_basis_is_a_fact_of_the_proof_with_its_evidence(pair: Pair) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="met"))
    pair.source.person("card@x.example", id="20", country="JP", how="名刺", met="2025-03-01")
    pair.source.person("old@x.example", id="21", country="JP", how="名刺")
    law(pair, 'packs = ["japan"]', basis='field = "how"\nvalues = ["名刺"]\nbasis = "card"\ndated_by = "met"')
    pair.moved()
    told = pair.say("consent", "--who", "card@x.example")
    (line,) = [json.loads(one) for one in told.out.splitlines()]
    assert (line["event"]["kind"], line["processing"]["basis"]) == ("implied_grant", "card")
    assert line["event"]["t_event"] == {"lo": "2025-02-28T10:00:00+00:00", "hi": "2025-03-02T12:00:00+00:00"}
    assert (line["source"]["id"], line["source"]["field"], line["source"]["raw"]) == ("20", "how", "名刺")
    assert (line["processing"]["regimes"], line["processing"]["legal_basis"]) == (["japan"], "dpv:LegitimateInterest")
    assert line["header"]["decisions"] == ["consent.basis/card: Ana Ito, 2026-11-20"]
    said = pair.say("consent", "old", "new", "--json")
    assert said.code == 0
    inputs = said.report["inputs"]
    (pack,) = inputs["packs"]
    assert (pack["name"], pack["version"], inputs["signed"]) == (
        "japan",
        packs()["japan"].version,
        "Ana Ito, 2026-11-20",
    )
    assert [(one["basis"], one["field"]) for one in inputs["basis"]] == [("card", "how")]
    basis = [one for one in said.report["grants"] if one["basis"]]
    assert basis == [{"kind": "implied_grant", "basis": "card", "proof": 1, "grants": 2, "undated": 1}]
    page = (pair.folder / "reports" / said.report["run"] / "consent.html").read_text()
    assert "(card), level of proof 1 (of 0 to 4)" in page


def test_a_second_run_under_the_same_law_writes_nothing_and_a_stricter_one_only_lowers(pair: Pair) -> None:
    law(pair, 'packs = ["can_spam"]')
    pair.moved()
    before = pair.writes()
    pair.moved()
    assert pair.writes() == before
    law(pair, 'packs = ["can_spam"]', 'default_regime = "gdpr"')
    pair.moved()
    assert open_people(pair) == {"USA", "yes"}


def test_a_plan_made_under_another_law_is_not_applied(pair: Pair) -> None:
    assert pair.say("plan", "--source", "old", "--target", "new").code == 0
    law(pair, 'default_regime = "gdpr"')
    said = pair.say("apply", "--source", "old", "--target", "new")
    assert said.code == 3
    assert "[consent]" in said.err
    assert pair.writes() == 0


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (('packs = ["gdrp"]', SIGNED), 'there is no pack of law "gdrp"; did you mean "gdpr"?'),
        (('default_regime = "casl"',), "say who decided them"),
        (('default_regime = "canada"', SIGNED), 'there is no pack of law "canada"'),
    ],
)
def test_a_slip_in_the_section_is_told_with_its_line(pair: Pair, lines: tuple[str, ...], told: str) -> None:
    pair.toml["consent"] = "\n".join(lines)
    said = pair.run()
    assert said.code == 2
    assert told in said.err
    assert "mamigrate.toml:" in said.err


def test_a_basis_rule_about_a_field_that_is_not_there_stops(pair: Pair) -> None:
    law(pair, 'packs = ["japan"]', basis='field = "hwo"\nbasis = "card"')
    said = pair.run()
    assert (said.code, pair.writes()) == (2, 0)
    assert 'there is no field "hwo"' in said.err


def test_a_basis_that_no_pack_knows_stops_with_the_nearest(pair: Pair) -> None:
    law(pair, 'packs = ["japan"]', basis='field = "how"\nbasis = "crad"')
    said = pair.run()
    assert (said.code, pair.writes()) == (2, 0)
    assert 'no pack of law knows the basis "crad"; did you mean "card"?' in said.err


def test_what_a_pack_would_hold_waits_for_a_signature(pair: Pair) -> None:
    assert pair.say("plan", "--source", "old", "--target", "new").code == 0  # the sandbox signs mapping and fields
    pair.signed = False
    law(pair, 'packs = ["gdpr"]')
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"law_holds_undecided"}, 0)
    decide(pair, "irreversible/hold-by-law")
    assert open_people(pair) == set()
    pair.moved()
    assert open_people(pair) == {"japan", "USA", "Brazil", "yes"}


def test_who_stays_held_without_the_pack_is_told_as_held_by_us(pair: Pair) -> None:
    law(pair, 'packs = ["gdpr"]')
    pair.moved()
    del pair.toml["consent"]
    said = pair.moved()
    assert open_people(pair) == {"japan", "USA", "Brazil", "yes"}
    steps = {step["cause"]: step["people"] for step in said.report["reach"]["steps"]}
    assert (steps["held_by_us"], steps["denied_by_target"]) == (-1, 0)
    pair.landed("USA@x.example").values["blocked"] = "true"
    steps = {step["cause"]: step["people"] for step in pair.moved().report["reach"]["steps"]}
    assert (steps["held_by_us"], steps["denied_by_target"]) == (-1, -1)


def test_every_grant_that_a_law_lets_end_stands_in_the_calendar(pair: Pair) -> None:
    """Implied grants of a basis with a term, from their event; consents to be confirmed again; a date of their own; no date."""
    pair.source.field(Kind.PERSON, FieldDef(name="bought_on"))
    rule = 'field = "how"\nvalues = ["{0}"]\nbasis = "{0}"\ndated_by = "bought_on"'
    law(pair, 'packs = ["casl", "korea"]', basis=rule.format("purchase"))
    pair.toml["[consent.basis]"] += "\n\n[[consent.basis]]\n" + rule.format("dealings")
    said = [
        ("ca", "Canada", "purchase", "2025-05-20"),
        ("kr", "Korea", "dealings", "2025-05-20"),
        ("cb", "Canada", "purchase", ""),
    ]
    for id, country, how, day in (*said, ("br", "Brazil", "purchase", "2025-05-20")):
        pair.source.person(f"{id}@x.example", id=id, country=country, how=how, bought_on=day)
    pair.source.people["1"].values["country"] = "Korea"
    pair.source.yeses.append(
        Yes(address="USA@x.example", person="1", topic="news", at=datetime(2025, 4, 1, tzinfo=UTC))
    )
    decide(pair, "irreversible/hold-by-law")
    pair.run()
    told = pair.say("consent", "old", "new", "--json")
    rows = {(one["rule"], one["kind"], one["basis"], one["month"]): one["grants"] for one in told.report["expiry"]}
    assert rows == {
        ("casl", "implied_grant", "purchase", "2027-05"): 1,
        ("casl", "implied_grant", "purchase", ""): 1,
        ("korea", "implied_grant", "dealings", "2025-11"): 1,
        ("korea", "grant", "", "2027-04"): 1,
    }
    page = pair.folder / "reports" / told.report["run"] / "consent.html"
    assert "(purchase)" in page.read_text(encoding="utf-8")
