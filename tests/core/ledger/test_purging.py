"""What a purge leaves in a ledger: runs and sums, nobody, and no byte of anybody in its files; on both databases."""

import base64
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from mamigrate.errors import LocalTrouble
from mamigrate.findings import Finding, Severity
from mamigrate.ledger.purges import SPARED, purged
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Account, IdMap, Purge, Run
from postgresql import postgresql_server
from rows import NOW

CANARY = "zyxquorn"
ROWS = 3000
"""Enough for a table of many pages, and for a server to note its frequent values."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    yield from postgresql_server()


def filled(ledger: Ledger) -> None:
    """People in every table that holds any; some of them deleted and updated, so that free pages hold them too."""
    ledger.begin_run(Run(id="r1", command="run", source="a", target="b", status="done", began_at=NOW))
    ledger.keep_inputs(
        "r1", {"facts//x/y.csv": "ab12", "command": f"mamigrate run --who {CANARY}@x.example", "--keep-twins": ""}
    )
    ids = [
        IdMap("a", "b", "suppressed_address", f"{CANARY}{n}@x.example", str(n), "created", "h", "r1")
        for n in range(ROWS)
    ]
    ledger.keep_ids(ids)
    ledger.keep_ids([row._replace(target_key="9" * 200) for row in ids[:500]])
    ledger.account([Account("r1", "person", f"{CANARY}{n}", "created", "new") for n in range(ROWS)])
    batch = ledger.intend("r1", "p", "people", "person", [{"key": "1", "before": {"name": CANARY * 50}}] * 100)
    ledger.close_batch(batch, "done", [{"key": CANARY}], [], [])
    found = Finding("rejected", Severity.WARN, "a/person/1", {"value": CANARY})
    ledger.keep_findings("r1", [found])


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        made = Ledger.at(tmp_path / "ledger.sqlite")
    else:
        made = Ledger(request.getfixturevalue("server"))
        SQLModel.metadata.drop_all(made._database)
        made.close()
        made = Ledger(request.getfixturevalue("server"))
    filled(made)
    yield made
    made.close()


def test_runs_and_sums_stay_and_nobody_else(ledger: Ledger) -> None:
    assert set(ledger.people_rows()) == {"account", "batch", "findingrow", "idmap"}
    ledger.forget_people()
    ledger.vacuum()
    assert ledger.people_rows() == {}
    assert (ledger.tallies("r1"), ledger.sums("r1")) == ({"person": {"created": ROWS}}, {})
    assert ledger.inputs("r1") == {"command": "", "--keep-twins": ""}
    assert [run.id for run in ledger.runs()] == ["r1"]
    ledger.forget_people()
    assert ledger.tallies("r1") == {"person": {"created": ROWS}}, "a second time changes nothing"


def test_a_ledger_can_be_written_again_after_it(ledger: Ledger) -> None:
    ledger.forget_people()
    ledger.vacuum()
    ledger.keep_ids([IdMap("a", "b", "person", "1", "2", "created", "h", "r1")])
    assert ledger.people_rows() == {"idmap": 1}


def test_no_table_is_spared_unless_it_is_named() -> None:
    """A table that somebody adds is emptied: whoever wants it spared says so here and there."""
    assert {str(one.__tablename__) for one in SPARED} == {
        "meta",
        "run",
        "runinput",
        "quotause",
        "tally",
        "purge",
        "evidence",
    }
    assert {"account", "batch", "findingrow", "idmap"} <= set(SQLModel.metadata.tables)


def test_no_byte_of_anybody_is_left_in_the_file_or_its_log(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    filled(ledger)
    assert _bytes(tmp_path).count(CANARY.encode()) > ROWS
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    ledger.forget_people()
    ledger.vacuum()
    assert _found(_bytes(tmp_path)) == []
    ledger.note_run("r1", stage="x")
    assert _found(_bytes(tmp_path)) == []
    ledger.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < size / 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.sqlite"]


def test_without_the_vacuum_the_search_finds_them(tmp_path: Path) -> None:
    """The negative control: rows that are deleted alone still stand in the file's log or its pages."""
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    filled(ledger)
    ledger.forget_people()
    found = _found(_bytes(tmp_path))
    ledger.close()
    assert found != []


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def _found(content: bytes) -> list[str]:
    forms = {
        "plain": CANARY.encode(),
        "utf-16": CANARY.encode("utf-16-le"),
        **{f"base64 {n}": base64.b64encode(b"x" * n + CANARY.encode())[4:-4] for n in range(3)},
    }
    return [name for name, form in forms.items() if form in content]


def test_a_reader_who_holds_the_log_holds_up_the_vacuum(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    filled(ledger)
    reader = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    try:
        reader.execute("begin")
        reader.execute("select count(*) from run").fetchone()
        ledger.forget_people()
        with pytest.raises(LocalTrouble):
            ledger.vacuum()
        reader.execute("commit")
        ledger.vacuum()
        assert _found(_bytes(tmp_path)) == []
    finally:
        reader.close()
        ledger.close()


def test_a_server_s_tables_and_its_notes_of_frequent_values_hold_nobody(server: str) -> None:
    """Its log, its replicas and the free space of its catalogue are beyond us, as the statement says."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    ledger = Ledger(server)
    SQLModel.metadata.drop_all(ledger._database)
    ledger.close()
    ledger = Ledger(server)
    try:
        filled(ledger)
        with engine.connect() as link:
            link.execute(text("analyze"))
            assert _known_to(link) > 0
        ledger.forget_people()
        ledger.vacuum()
        with engine.connect() as link:
            assert _known_to(link) == 0
            link.execute(text("checkpoint"))
            assert [name for name, content in _tables_of(link) if CANARY.encode() in content] == []
    finally:
        ledger.close()
        engine.dispose()


def _known_to(link: object) -> int:
    """Canaries in what the planner of the server has noted of columns."""
    query = "select count(*) from pg_stats where schemaname = 'public' and (most_common_vals::text || coalesce(histogram_bounds::text, '')) like :like"
    query = query.replace("(most_common_vals::text ||", "(coalesce(most_common_vals::text, '') ||")
    return int(link.execute(text(query), {"like": f"%{CANARY}%"}).scalar_one())  # type: ignore[attr-defined]  # a connection


def _tables_of(link: object) -> Iterator[tuple[str, bytes]]:
    """The files of every table and index of ours, with their large values, as they stand on disk."""
    rows = link.execute(text(  # type: ignore[attr-defined]  # a connection
        "select c.relname, current_setting('data_directory') || '/' || pg_relation_filepath(c.oid)"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'i', 't') and n.nspname in ('public', 'pg_toast')"
    ))  # fmt: skip
    for name, path in rows:
        if Path(path).exists():
            yield name, Path(path).read_bytes()


def test_the_newest_purge_closes_a_project_and_an_open_one_before_it() -> None:
    ended = Purge(run_id="2", who="x", machine="m", began_at=NOW, ended_at=NOW, found=b"{}")
    going = Purge(run_id="1", who="x", machine="m", began_at=NOW, found=b"{}")
    assert purged([]) is None
    assert purged([ended]) is ended
    assert purged([ended, going]) is going
