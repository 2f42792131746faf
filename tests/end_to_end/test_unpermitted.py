"""A program that says yes for people who gave none: nothing of it is sent."""

import sqlite3
from dataclasses import replace
from typing import Any

import orjson
import pytest

from mamigrate.ledger.store import Item
from mamigrate.plan import consent, people
from mamigrate.plan.consent import Verdict
from mamigrate.plan.model import Planned
from mamigrate.stages.apply import Writing
from pair import Pair


@pytest.fixture
def asking(pair: Pair) -> Pair:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_in_news="true")
    pair.source.person("ben@x.example")
    return pair


def wrong(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    right = consent.verdict

    def verdict(*given: Any) -> Verdict:
        judged = right(*given)
        return replace(judged, values={**judged.values, **more})

    monkeypatch.setattr(people, "verdict", verdict)


def test_a_yes_of_nobody_stops_the_run_before_it_is_sent(asking: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, mmYesTopicnews="true")
    said = asking.run()
    assert (said.code, "unpermitted" in said.err or "permit" in said.err) == (3, True), said.err
    assert [one for one in asking.target.people.values() if one.values.get("mmYesTopicnews") == "true"] == []
    with sqlite3.connect(asking.folder / ".mamigrate" / "ledger.sqlite") as ledger:
        assert ledger.execute("select count(*) from batch where state = 'intent' and kind = 'person'").fetchone() == (
            0,
        )


def test_a_flag_is_not_lowered(asking: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, held="false")
    assert asking.run().code == 3
    assert asking.target.people == {}


def test_a_yes_with_its_permit_is_sent_and_noted(asking: Pair) -> None:
    asking.moved()
    assert asking.landed("ana@x.example").values["mmYesTopicnews"] == "true"
    assert noted(asking) == [{"mmYesTopicnews": ["main|news"]}]


def test_a_yes_whose_permit_is_not_noted_is_not_proven(asking: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Writing._item

    def item(self: Writing, one: Planned) -> Item:
        noted = right(self, one)
        return {**noted, "grants": {field: [] for field in noted["grants"]}}

    monkeypatch.setattr(Writing, "_item", item)
    said = asking.run()
    broken = {one["number"] for one in said.report["proof"]["statements"] if one["verdict"] == "FAIL"}
    assert (said.report["consent"], broken) == ("FAIL", {6})


def noted(pair: Pair) -> list[Any]:
    with sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite") as ledger:
        items = [one for (text,) in ledger.execute("select items from batch") for one in orjson.loads(text)]
    return [one["grants"] for one in items if one.get("grants")]
