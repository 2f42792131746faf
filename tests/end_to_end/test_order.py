"""The order of writes is safe wherever it is cut off, and nothing counts as done before it was sent; two vendors in memory."""

from collections.abc import Sequence

import pytest

from mamigrate.contract import Change, Outcome, Status
from mamigrate.errors import Unreachable
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from pair import Pair, everything, everything_is_there_once

WRITE = MemoryInstance.write


def ledger_of(pair: Pair) -> Ledger:
    return Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")


def test_who_is_denied_is_written_before_anybody_who_is_open(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        pair.source.person(f"denied{number}@x.example", id=f"1{number}", unsubscribed="true")
        pair.source.person(f"open{number}@x.example", id=f"2{number}")
    everything(pair)
    seen: list[tuple[str, bool]] = []

    def watched(self: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        if kind is Kind.PERSON:
            seen.extend((str(one.values["email"]), one.values.get("unsubscribed") == "true") for one in changes)
        return WRITE(self, kind, changes)

    monkeypatch.setattr(MemoryInstance, "write", watched)
    pair.moved()
    assert seen[0] == ("nobody@x.example", True)
    assert [denied for _, denied in seen] == [True] * 6 + [False] * 5


def test_what_was_not_sent_is_noted_and_counts_for_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)

    def cut_off(self: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        if kind is Kind.PERSON:
            raise Unreachable("new", "the line is dead")
        return WRITE(self, kind, changes)

    monkeypatch.setattr(MemoryInstance, "write", cut_off)
    assert pair.run().code == 5
    ledger = ledger_of(pair)
    run = ledger.runs()[0]
    assert [(batch.state, batch.kind) for batch in ledger.open_batches()] == [("intent", Kind.PERSON)]
    assert [one for one in ledger.accounts(run.id) if one.kind in (Kind.PERSON, "suppressed_address")] == []
    monkeypatch.undo()
    pair.moved()
    everything_is_there_once(pair)


def test_replies_that_nobody_can_settle_end_the_run_and_stay_open(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)

    def lost(self: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        if kind is Kind.PERSON:
            return [Outcome(one.source_key, Status.MAYBE, one.target_key) for one in changes]
        return WRITE(self, kind, changes)

    monkeypatch.setattr(MemoryInstance, "write", lost)
    assert pair.run().code == 5
    assert [batch.state for batch in ledger_of(pair).open_batches()] == ["maybe"]
    assert not pair.target.people
    monkeypatch.undo()
    pair.moved()
    everything_is_there_once(pair)
