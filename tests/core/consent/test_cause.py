"""The text beside a denial: written and read again, and trusted for nothing that would weaken."""

from pathlib import Path

import pytest

from mamigrate.consent import cause, standing
from mamigrate.consent.facts import from_blockers
from mamigrate.consent.kinds import KINDS
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import NOW, person

DENYING = tuple(kind for kind, rule in KINDS.items() if rule.polarity == "-")
LEFT = Blocker("left", "true", "objection", holders=("person", "address"), cause="why", kinds=DENYING)
HELD = Blocker("held", "true", "org_hold", cause="why", kinds=DENYING)
ADS = Blocker("ads", "true", "ads_objection", cause="why", kinds=DENYING)
TEXTS = {
    "": [],
    "clicked": [],
    "mamigrate: objection on hs": ["objection"],
    "mamigrate: complaint, objection on hs": ["complaint", "objection"],
    "mamigrate: address denied: complaint on hs": ["complaint"],
    "source hold: mamigrate: no longer on hs": ["source_hold"],
    "source hold: mamigrate: org hold, source hold on hs": ["org_hold", "source_hold"],
    "mamigrate: block, time hold, topic opt out on h": ["block", "time_hold", "topic_opt_out"],
    "mamigrate: block, compl": ["block"],
    "mamigrate: 配信停止, complaint on hs": [],
    "somebody: mamigrate: complaint on hs": [],
    "mamigrate: complaints on hs": [],
    "mamigrate: Complaint on hs": [],
}


@pytest.mark.parametrize("text", list(TEXTS))
def test_a_text_of_ours_names_kinds_and_any_other_none(text: str) -> None:
    assert sorted(cause.named(LEFT, {"why": text})) == TEXTS[text]


@pytest.mark.parametrize("kind", DENYING)
def test_what_is_written_names_what_it_was_written_for(kind: str) -> None:
    for text in (cause.text([kind, "block"], "hs"), cause.text([kind], "a on b", cause.AT_ADDRESS)):
        assert kind in cause.named(LEFT, {"why": text})


@pytest.mark.parametrize(
    ("blocker", "named", "kinds"),
    [
        (LEFT, ["complaint"], {"complaint"}),
        (LEFT, ["erasure"], {"erasure"}),
        (LEFT, ["objection"], {"objection"}),
        (LEFT, ["unparsed"], {"objection", "unparsed"}),
        (LEFT, ["time_hold"], {"objection", "time_hold"}),
        (LEFT, ["topic_opt_out"], {"objection", "topic_opt_out"}),
        (LEFT, ["refused"], {"objection", "refused"}),
        (LEFT, ["ads_objection"], {"objection", "ads_objection"}),
        (LEFT, ["no_basis"], {"objection"}),
        (HELD, ["source_hold"], {"source_hold"}),
        (HELD, ["topic_opt_out"], {"org_hold", "topic_opt_out"}),
        (HELD, ["time_hold"], {"org_hold", "time_hold"}),
        (HELD, ["complaint"], {"complaint"}),
        (ADS, ["objection"], {"ads_objection", "objection"}),
    ],
)
def test_what_is_named_takes_the_place_of_a_flag_s_kind_only_where_nothing_less_ends_it(
    tmp_path: Path, blocker: Blocker, named: list[str], kinds: set[str]
) -> None:
    values = {blocker.field: "true", "why": cause.text(named, "hs")}
    row = {**person("p", "a@x.example"), "values": values}
    facts = list(from_blockers(row, [blocker], "mk/person", NOW))
    assert {fact["kind"] for fact in facts} == kinds
    assert len({fact["key"] for fact in facts}) == len(facts) == len(kinds) * len(blocker.holders)
    assert {fact["source_ref"] for fact in facts} == {f"mk/person/p/{blocker.field}"}


def test_the_engine_reads_texts_as_the_facts_do(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    texts = [*TEXTS, *(cause.text([one, other], "hs") for one in DENYING for other in DENYING)]
    rows = [person(str(at), held="true", left="true", why=text) for at, text in enumerate(texts)]
    found = engine.rows(standing.flagged(engine.rows_as_table(rows, Kind.PERSON), [LEFT, HELD], NOW))
    told = {(row["target_key"], row["kind"]) for row in found}
    facts = ((row["key"], fact["kind"]) for row in rows for fact in from_blockers(row, [LEFT, HELD], "mk", NOW))
    assert told == set(facts)


def test_who_was_held_by_the_company_did_not_object(tmp_path: Path) -> None:
    def actors(text: str) -> dict[str, str]:
        row = person("p", left="true", why=text)
        return {fact["kind"]: fact["actor"] for fact in from_blockers(row, [LEFT], "mk", NOW)}

    assert actors("clicked") == {"objection": "subject"}
    assert actors("mamigrate: unparsed on hs") == {"objection": "operator", "unparsed": "system"}
    assert actors("mamigrate: from the future on hs") == {"objection": "operator"}
    assert actors("mamigrate: complaint on hs") == {"complaint": "subject"}
