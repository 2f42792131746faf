"""What waits for the disk, and what does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Account, IdMap

NORMAL, FULL = 1, 2
ROW = IdMap("hubspot", "marketo", "person", "101", "20101", "created", "ab" * 16, "r1")
ITEM = {"kind": "person", "key": "101", "target": None}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.at(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def _levels(ledger: Ledger) -> list[int]:
    """How each commit from now on waits."""
    found: list[int] = []

    def note(link: Any) -> None:
        found.append(link.connection.dbapi_connection.execute("pragma synchronous").fetchone()[0])

    event.listen(ledger._database, "commit", note)
    return found


def test_an_intent_waits_for_the_disk_and_the_end_of_its_batch_does_not(ledger: Ledger) -> None:
    levels = _levels(ledger)
    batch = ledger.intend("r1", "p1", "people", "person", [ITEM])
    ledger.close_batch(batch, "done", [], [ROW], [])
    ledger.intend("r1", "p1", "people", "person", [ITEM])
    assert levels == [FULL, NORMAL, FULL]


def test_everything_but_the_end_of_a_batch_waits(ledger: Ledger) -> None:
    ledger.close_batch(ledger.intend("r1", "p1", "people", "person", [ITEM]), "done", [], [], [])
    levels = _levels(ledger)
    ledger.keep_ids([ROW])
    ledger.account([Account("r1", "person", "101", "created")])
    ledger.note_run("r1", stage="apply")
    assert levels == [FULL, FULL, FULL]


def test_a_batch_that_ended_is_no_longer_open_for_another_reader(ledger: Ledger, tmp_path: Path) -> None:
    batch = ledger.intend("r1", "p1", "people", "person", [ITEM])
    other = Ledger.at(tmp_path / "ledger.sqlite")
    try:
        assert [one.id for one in other.open_batches()] == [batch]
        ledger.close_batch(batch, "done", [], [ROW], [])
        assert other.open_batches() == []
        assert list(other.iter_ids("hubspot", "marketo", "person")) == [ROW]
    finally:
        other.close()
