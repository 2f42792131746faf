"""A field of the target that kept a subscription type and means something else in a later mapping."""

import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, Yes
from pair import Pair, Said, decide

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVED = "{from: news, to: pref_news, polarity: opt_out}"


def mapping(pair: Pair, *topics: str, person: str = "") -> None:
    """A signed mapping of addresses and these rules."""
    rules = "".join(f"  - {rule}\n" for rule in topics)
    more = f"  - {person}\n" if person else ""
    (pair.folder / "mapping.yaml").write_text(
        "source: old\ntarget: new\nsigned: {who: tester, when: 2026-01-01}\n"
        f"person:\n  - {{from: email, to: email}}\n{more}topics:\n{rules}"
    )


@pytest.fixture
def left(pair: Pair) -> Pair:
    """Ana, who has said yes to news on the source, leaves news on the target after a move."""
    pair.source.topic("news")
    pair.source.topic("tips")
    for name in ("pref_news", "no_tips", "other"):
        pair.target.field(Kind.PERSON, FieldDef(name=name, type=DataType.BOOLEAN, custom=True))
    pair.source.person("ana@x.example", id="5")
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news"))
    mapping(pair, MOVED, "{from: tips, to: no_tips, polarity: opt_out}")
    pair.moved()
    pair.landed("ana@x.example").values["pref_news"] = "true"
    return pair


def stopped(pair: Pair) -> tuple[str, str]:
    """What a run that must stop says of the field before and now."""
    writes = pair.writes()
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"topic_field_reused"}, writes)
    (told,) = reused(said)
    return told["was"], told["now"]


def reused(said: Said) -> list[dict[str, str]]:
    return [one["params"] for one in said.report["findings"] if one["code"] == "topic_field_reused"]


def test_another_polarity_stops_the_run_until_somebody_decides(left: Pair) -> None:
    mapping(left, "{from: news, to: pref_news, polarity: opt_in}", "{from: tips, to: no_tips, polarity: opt_out}")
    assert stopped(left) == ("opt_out:news", "opt_in:news")
    decide(left, "reuse-field/pref_news/opt_in:news")
    assert left.run().code == 0
    mapping(left, MOVED, "{from: tips, to: no_tips, polarity: opt_out}")
    assert stopped(left) == ("opt_in:news", "opt_out:news")


def test_a_plain_rule_does_not_take_over_a_field_of_a_subscription_type(left: Pair) -> None:
    left.source.field(Kind.PERSON, FieldDef(name="likes_tea", type=DataType.BOOLEAN, custom=True))
    news, tips = "{from: news, deny_all: no field}", "{from: tips, to: no_tips, polarity: opt_out}"
    mapping(left, news, tips, person="{from: likes_tea, to: pref_news}")
    assert stopped(left) == ("opt_out:news", "value:likes_tea")


def test_a_field_is_not_handed_to_another_type(left: Pair) -> None:
    mapping(left, "{from: news, to: other, polarity: opt_out}", "{from: tips, to: pref_news, polarity: opt_out}")
    assert stopped(left) == ("opt_out:news", "opt_out:tips")


def test_a_yes_to_one_type_opens_no_other(pair: Pair) -> None:
    for name in ("news", "tips"):
        pair.source.topic(name, default_allows=False)
    pair.target.field(Kind.PERSON, FieldDef(name="yes", type=DataType.BOOLEAN, custom=True))
    pair.source.person("ana@x.example", opt_in_news="true")
    mapping(pair, "{from: news, to: yes, polarity: opt_in}", "{from: tips, deny_all: no field}")
    pair.moved()
    mapping(pair, "{from: news, to: yes, polarity: opt_in}", "{from: tips, to: yes, polarity: opt_in}")
    assert stopped(pair) == ("opt_in:news", "opt_in:news+tips")


def test_an_opt_out_of_one_type_may_close_more(left: Pair) -> None:
    mapping(left, MOVED, "{from: tips, to: pref_news, polarity: opt_out}")
    said = left.moved()
    assert reused(said) == []
    assert left.landed("ana@x.example").values["pref_news"] == "true"


def test_a_field_that_is_gone_holds_nothing_that_could_be_read_otherwise(left: Pair) -> None:
    del left.target.fields[Kind.PERSON]["pref_news"]
    left.landed("ana@x.example").values.pop("pref_news")
    new = '{name: pref_news, label: "Yes", type: boolean}'
    mapping(left, f"{{from: news, create: {new}, polarity: opt_in}}", "{from: tips, to: no_tips, polarity: opt_out}")
    assert reused(left.run()) == []
