"""Denials that no pass could place: they stay in view, pass after pass, until they are placed or somebody signs for them."""

from datetime import UTC, datetime, timedelta

import pytest

from mamigrate.ledger.store import Ledger
from mamigrate.testing.memory_state import OptOut, Record
from pair import Pair, Said

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def lost(pair: Pair) -> tuple[Pair, Record]:
    """Ana stands on both sides; somebody on the target whom nobody knows said no, and a pass has told it."""
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    nobody = pair.target.person()
    nobody.values["unsubscribed"] = "true"
    nobody.updated_at = datetime.now(UTC)
    assert nowhere(sync(pair)) == 1
    nobody.updated_at -= timedelta(days=1)  # the log does not tell it any more
    return pair, nobody


def sync(pair: Pair) -> Said:
    said = pair.say("sync", "--source", "old", "--target", "new", "--json")
    assert said.code == 0, said.err
    return said


def nowhere(said: Said) -> int:
    """How many are told as nowhere, with a finding and a row each."""
    way = said.report["ways"][1]
    rows = [one for one in way["denials"] if one["fate"] == "nowhere"]
    codes = [one["code"] for one in said.report["findings"]]
    assert len(rows) == way["fates"]["nowhere"]
    assert ("late_denial_nowhere" in codes) == bool(rows)
    return len(rows)


def sign(pair: Pair, day: str) -> None:
    (pair.folder / "decisions.yaml").write_text(
        f"- {{id: unplaced-denials, choice: accept, who: tester, when: {day}}}\n", encoding="utf-8"
    )


def test_what_was_not_placed_is_told_by_later_passes_too(lost: tuple[Pair, Record]) -> None:
    pair, _ = lost
    assert [nowhere(sync(pair)) for _ in range(2)] == [1, 1]


def test_a_pass_that_could_read_nothing_tells_it_too(lost: tuple[Pair, Record]) -> None:
    pair, _ = lost
    pair.source.quirks.offline = True
    said = pair.say("sync", "--source", "old", "--target", "new", "--json")
    assert (said.code, nowhere(said)) == (5, 1)


def test_what_somebody_signed_for_after_it_was_told_is_settled(lost: tuple[Pair, Record]) -> None:
    pair, _ = lost
    sign(pair, "2001-01-01")
    assert nowhere(sync(pair)) == 1
    sign(pair, "2999-01-01")
    assert nowhere(sync(pair)) == 0


def test_what_was_placed_later_is_settled(lost: tuple[Pair, Record]) -> None:
    pair, nobody = lost
    nobody.values["email"] = "late@x.example"
    nobody.updated_at = datetime.now(UTC)
    assert nowhere(sync(pair)) == 0
    nobody.updated_at -= timedelta(days=1)
    assert nowhere(sync(pair)) == 0
    assert [out.address for out in pair.source.opt_outs] == ["late@x.example"]


def test_a_bounce_stays_in_view_too(lost: tuple[Pair, Record]) -> None:
    pair, _ = lost
    ana = pair.landed("ana@x.example")
    ana.values["invalid"] = "true"
    ana.updated_at = datetime.now(UTC)
    sync(pair)
    ana.updated_at -= timedelta(days=1)
    assert sync(pair).report["ways"][1]["fates"]["unheld"] == 1


def test_who_had_nobody_to_deny_is_kept_and_not_told_again(lost: tuple[Pair, Record]) -> None:
    """Bounces of an address that the target does not have: there is nothing to do, and it is not forgotten."""
    pair, _ = lost
    gone = pair.source.person("gone@x.example", id="9")
    gone.values["held"] = "true"
    gone.updated_at = datetime.now(UTC)
    assert sync(pair).report["ways"][0]["fates"]["absent"] > 0
    gone.updated_at -= timedelta(days=1)
    assert sync(pair).report["ways"][0]["fates"]["absent"] == 0
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    assert {row.fate for row in ledger.unplaced("old", "new")} == {"absent"}
    ledger.close()


def test_what_a_preview_cannot_place_is_told_and_not_kept(lost: tuple[Pair, Record]) -> None:
    pair, _ = lost
    pair.source.opt_outs.append(OptOut(address="Juergen, Hamburg", at=datetime.now(UTC)))
    said = pair.say("sync", "--source", "old", "--target", "new", "--json", "--dry-run")
    assert (said.report["ways"][0]["fates"]["nowhere"], nowhere(said)) == (1, 1)
    pair.source.opt_outs.clear()
    assert sync(pair).report["ways"][0]["fates"]["nowhere"] == 0
