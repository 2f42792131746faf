"""The ledger, on SQLite and on PostgreSQL: the same promises."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from mamigrate.errors import LocalTrouble, ProjectInUse
from mamigrate.findings import Finding, Severity
from mamigrate.ledger import database
from mamigrate.ledger.lock import ProjectLock, at_work
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Account, IdMap, LateDenial, Run, UnplacedDenial, Watermark
from postgresql import postgresql_server
from rows import NOW


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from postgresql_server()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        made = Ledger.at(tmp_path / "ledger.sqlite")
    else:
        made = Ledger(request.getfixturevalue("server"))
        SQLModel.metadata.drop_all(made._database)
        made.close()
        made = Ledger(request.getfixturevalue("server"))
    yield made
    made.close()


def run(id: str = "r1") -> Run:
    return Run(id=id, command="run", source="a", target="b", status="running", began_at=NOW)


def ids(key: str, target: str, *, made: str = "created") -> IdMap:
    return IdMap(
        source="a",
        target="b",
        kind="person",
        source_key=key,
        target_key=target,
        made=made,
        payload_hash="h",
        run_id="r1",
    )


def account(key: str, bucket: str) -> Account:
    return Account(run_id="r1", kind="person", source_key=key, bucket=bucket)


def test_an_intent_stays_open_until_its_outcome_is_kept(ledger: Ledger) -> None:
    batch = ledger.intend("r1", "p1", "people", "person", [{"key": "1"}])
    assert [one.id for one in ledger.open_batches()] == [batch]
    ledger.close_batch(batch, "done", [], [ids("1", "t1")], [account("1", "created")])
    assert ledger.open_batches() == []
    assert ledger.ids("a", "b", "person")["1"].target_key == "t1"
    assert ledger.sums("r1") == {"person": {"created": 1}}


def test_a_doubtful_batch_stays_open(ledger: Ledger) -> None:
    batch = ledger.intend("r1", "p1", "people", "person", [])
    ledger.close_batch(batch, "maybe", [], [], [])
    assert [one.state for one in ledger.open_batches()] == ["maybe"]


def test_an_id_is_kept_once_and_the_last_word_counts(ledger: Ledger) -> None:
    ledger.keep_ids([ids("1", "t1")])
    ledger.keep_ids([ids("1", "t2", made="adopted")])
    assert [(row.target_key, row.made) for row in ledger.iter_ids("a", "b", "person")] == [("t2", "adopted")]
    ledger.keep_ids([ids("1", "t2")._replace(undone=True)])
    assert ledger.ids("a", "b", "person") == {}


def test_a_resumed_run_does_not_turn_created_into_equal(ledger: Ledger) -> None:
    ledger.account([account("1", "created")])
    ledger.account([account("1", "equal"), account("2", "equal")], fresh_only=True)
    assert ledger.sums("r1") == {"person": {"created": 1, "equal": 1}}


def test_runs_come_newest_first_with_what_was_noted(ledger: Ledger) -> None:
    ledger.begin_run(run())
    ledger.note_run("r1", stage="apply", status="stopped")
    found = ledger.run("r1")
    assert found is not None
    assert (found.stage, found.status) == ("apply", "stopped")


def test_findings_come_back_as_they_were(ledger: Ledger) -> None:
    found = Finding("bad_value", Severity.WARN, "hs/person/1", {"field": "f", "value": "名前"})
    ledger.keep_findings("r1", [found])
    assert ledger.findings("r1") == [found]


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "ledger.sqlite"
    Ledger.at(path).close()
    with sqlite3.connect(path) as link:
        link.execute("update meta set value = '999' where name = 'schema'")
    link.close()
    with pytest.raises(LocalTrouble):
        Ledger.at(path)


def test_a_ledger_of_an_earlier_version_gets_the_columns_that_it_lacks(ledger: Ledger) -> None:
    """Its rows stay, and hold nothing there."""
    carried = LateDenial(
        run_id="r1", side="old", other="new", subject="new/person/1", what="unsubscribed", kind="objection",
        observed_at=NOW, seen_at=NOW, effective_at=NOW,
    )  # fmt: skip
    waiting = UnplacedDenial(
        run_id="r1", side="old", other="new", source="old/9", what="held", subject="old/9", kind="org_hold",
        fate="nowhere", observed_at=NOW, seen_at=NOW,
    )  # fmt: skip
    ledger.keep_late([carried])
    ledger.keep_unplaced([waiting])
    _as_of_version_1(ledger)
    again = Ledger(_url(ledger))
    (late,), (unplaced,) = again.late("old", "new"), again.unplaced("old", "new")
    assert (late.subject, late.kind, late.observed_at) == (carried.subject, carried.kind, None)
    assert (unplaced.source, unplaced.fate, unplaced.observed_at) == (waiting.source, waiting.fate, None)
    assert _version(again) == "2"
    again.close()


def test_two_that_open_a_ledger_of_an_earlier_version_at_once_both_go_on(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where both may look before one has widened it, they do."""
    _as_of_version_1(ledger)
    both = threading.Barrier(2)

    class Looked:
        def __init__(self, link: Connection) -> None:
            there = inspect(link)
            self._known = {table.name: there.get_columns(table.name) for table in SQLModel.metadata.sorted_tables}
            with suppress(threading.BrokenBarrierError):
                both.wait(0.5)

        def get_columns(self, name: str) -> object:
            return self._known[name]

    monkeypatch.setattr(database, "inspect", Looked)
    with ThreadPoolExecutor() as pool:
        opened = [pool.submit(Ledger, _url(ledger)) for _ in range(2)]
        for one in opened:
            assert _version(one.result()) == "2"
            one.result().close()


def test_a_column_that_may_not_be_empty_is_added_to_no_ledger_of_an_earlier_version(ledger: Ledger) -> None:
    _as_of_version_1(ledger, "latedenial.kind")
    with pytest.raises(LocalTrouble, match=r"no latedenial\.kind, and it may not be empty"):
        Ledger(_url(ledger))
    assert _version(ledger) == "1"
    SQLModel.metadata.drop_all(ledger._database)  # the server is there for the next one too


def _url(ledger: Ledger) -> str:
    return ledger._database.url.render_as_string(hide_password=False)


def _version(ledger: Ledger) -> str:
    with ledger._database.begin() as link:
        return str(link.execute(text("select value from meta where name = 'schema'")).scalar())


def _as_of_version_1(ledger: Ledger, *more: str) -> None:
    with ledger._database.begin() as link:
        for table, column in (
            name.split(".") for name in ("latedenial.observed_at", "unplaceddenial.observed_at", *more)
        ):
            link.execute(text(f"alter table {table} drop column {column}"))
        link.execute(text("update meta set value = '1' where name = 'schema'"))


def test_a_torn_ledger_is_said_and_not_a_bug(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(LocalTrouble):
        Ledger.at(path)


def test_a_second_process_is_refused_at_once_and_death_frees_the_project(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from mamigrate.ledger.lock import ProjectLock\n"
    code += f"with ProjectLock(Path({str(tmp_path / 'lock')!r})): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    began = time.monotonic()
    with pytest.raises(ProjectInUse), ProjectLock(tmp_path / "lock"):
        pass
    assert time.monotonic() - began < 1
    holder.kill()
    holder.communicate()
    with ProjectLock(tmp_path / "lock"):
        pass


def test_what_we_created_stays_ours_when_it_is_only_updated(ledger: Ledger) -> None:
    ledger.keep_ids([ids("1", "t1")])
    ledger.keep_ids([ids("1", "t1", made="adopted")])
    assert ledger.ids("a", "b", "person")["1"].made == "created"


def test_an_id_that_is_known_stays_unless_a_rollback_undid_it(ledger: Ledger) -> None:
    ledger.keep_ids([ids("1", "t1")])
    ledger.keep_ids([ids("1", "t2", made="adopted")], fresh_only=True)
    assert ledger.ids("a", "b", "person")["1"].target_key == "t1"
    ledger.keep_ids([ids("1", "t1")._replace(undone=True)])
    ledger.keep_ids([ids("1", "t2", made="adopted")], fresh_only=True)
    assert ledger.ids("a", "b", "person")["1"].target_key == "t2"


def test_who_holds_the_project_is_said(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert at_work(path) == ""
    assert not path.exists()
    with ProjectLock(path):
        assert at_work(path).startswith(f"process {os.getpid()} on ")
        with pytest.raises(ProjectInUse) as refused, ProjectLock(path):
            pass
        assert refused.value.holder == at_work(path)
    assert at_work(path) == ""


def test_a_postgresql_ledger_has_one_owner_wherever_the_other_process_runs(server: str) -> None:
    """Two projects in two folders, as on two machines, with one database."""
    code = f"import time; from mamigrate.ledger.store import Ledger\nledger = Ledger({server!r})\n"
    code += "with ledger.owned(): print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    ledger = Ledger(server)
    with pytest.raises(ProjectInUse) as refused, ledger.owned():
        pass
    assert f"process {holder.pid} on " in refused.value.holder
    assert ledger.owner() == refused.value.holder
    holder.kill()
    holder.communicate()
    while ledger.owner():  # the server notices the death on its own
        time.sleep(0.01)
    with ledger.owned():
        ledger.intend("r1", "p1", "people", "person", [])
    assert ledger.owner() == ""
    ledger.close()


def test_a_process_that_lost_its_lock_sends_nothing_more(server: str) -> None:
    ledger, other = Ledger(server), create_engine(server)
    with ledger.owned():
        ledger.intend("r1", "p1", "people", "person", [])
        with other.begin() as link:
            ends = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            link.execute(text(ends))
        with pytest.raises(LocalTrouble):
            ledger.intend("r1", "p1", "people", "person", [])
    other.dispose()
    ledger.close()


def test_inputs_are_kept_by_name(ledger: Ledger) -> None:
    ledger.keep_inputs("r1", {"a": "1", "b": "2"})
    ledger.keep_inputs("r1", {"b": "3"})
    assert ledger.inputs("r1") == {"a": "1", "b": "3"}
    assert ledger.inputs("r2") == {}


def test_a_full_disk_never_advises_to_move_the_ledger_away(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    with ledger._database.begin() as link:
        pages = link.execute(text("pragma page_count")).scalar()
        link.execute(text(f"pragma max_page_count = {pages}"))
    with pytest.raises(LocalTrouble) as trouble:
        ledger.intend("r1", "p1", "people", "person", [{"key": "x" * 100_000}])
    assert (trouble.value.problem, trouble.value.fix) == ("the disk of the ledger is full", "space")
    ledger.close()


def test_what_was_sent_is_counted_by_kind_and_run(ledger: Ledger) -> None:
    for run_id, kind, items in (("r1", "person", 3), ("r1", "person", 2), ("r1", "account", 1), ("r2", "person", 9)):
        ledger.intend(run_id, "p1", "people", kind, [{"key": str(n)} for n in range(items)])
    assert ledger.sent("r1") == {"person": (2, 5), "account": (1, 1)}
    assert ledger.sent("r3") == {}


def test_a_watermark_stands_for_one_way_and_never_goes_back(ledger: Ledger) -> None:
    assert ledger.watermark("a", "b") is None
    later = NOW + timedelta(hours=1)
    for until in (NOW, later, NOW):
        ledger.advance(Watermark(side="a", other="b", until=until, seen_at=until, run_id="r1"))
    mark = ledger.watermark("a", "b")
    assert mark is not None
    assert (mark.until, mark.seen_at) == (later, later)
    assert ledger.watermark("b", "a") is None


def test_late_denials_are_kept_with_their_instants_in_utc(ledger: Ledger) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    row = LateDenial(
        run_id="r1", side="a", other="b", subject="b/person/1", what="unsubscribed", kind="objection",
        happened_at=tokyo, seen_at=tokyo, effective_at=tokyo,
    )  # fmt: skip
    ledger.keep_late([row])
    ledger.keep_late([])
    (kept,) = ledger.late("a", "b")
    assert (kept.happened_at, kept.seen_at, kept.effective_at) == (NOW, NOW, NOW)
    assert ledger.late("b", "a") == []


def test_what_was_not_placed_is_kept_until_it_was(ledger: Ledger) -> None:
    def row(source: str, at: datetime | None, seen: datetime) -> UnplacedDenial:
        return UnplacedDenial(
            run_id="r1", side="a", other="b", source=source, what="held", subject=source, kind="org_hold", fate="nowhere",
            happened_at=at, seen_at=seen,
        )  # fmt: skip

    later = NOW + timedelta(days=1)
    ledger.keep_unplaced([row("a/1", NOW, NOW), row("a/2", None, NOW), row("a/1", NOW, NOW)])
    ledger.keep_unplaced([row("a/1", NOW, later), row("a/2", None, later)])
    assert [(one.source, one.seen_at) for one in ledger.unplaced("a", "b")] == [("a/1", NOW), ("a/2", later)]
    ledger.settle_unplaced("a", "b", ["a/1"], later)
    assert [one.source for one in ledger.unplaced("a", "b")] == ["a/2"]
    ledger.keep_unplaced([row("a/1", NOW, later)])
    assert [one.source for one in ledger.unplaced("a", "b")] == ["a/1", "a/2"]
    assert ledger.unplaced("b", "a") == []


def test_few_ids_of_many_are_found_from_either_end(ledger: Ledger) -> None:
    ledger.keep_ids([ids(str(n), f"t{n}") for n in range(1200)])
    wanted = [str(n) for n in range(0, 1200, 2)]
    assert len(ledger.ids_among("a", "b", ("person",), "source_key", wanted)) == 600
    assert [row.source_key for row in ledger.ids_among("a", "b", ("person",), "target_key", ["t7"])] == ["7"]
    assert ledger.ids_among("a", "b", ("account",), "target_key", ["t7"]) == []
