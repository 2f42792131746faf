"""Snapshots: landed pages survive a crash, tables are rebuilt from them, files are private."""

import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mamigrate.contract import Content, Landed
from mamigrate.errors import DamagedSnapshot
from mamigrate.model.base import MODEL_VERSION
from mamigrate.model.kinds import Kind
from mamigrate.snapshot import landing
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from rows import NOW, fact, person


def begun(tmp_path: Path) -> Snapshot:
    return Snapshot.begin(tmp_path, "s", "hs", "hubspot", NOW)


def page(*keys: str) -> Landed:
    return Landed(b'{"keys": [' + b",".join(b'"%s"' % key.encode() for key in keys) + b"]\n}", {"part": "1"})


def normalise(kind: Kind, landed: Landed) -> Content:
    import orjson

    return Content({kind: [person(key, f"{key}@x.com") for key in orjson.loads(landed.body)["keys"]]})


def derive(content: Content) -> Content:
    return content


def test_pages_come_back_as_received_with_their_context(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.zst"
    file = landing.LandingFile(path)
    file.add(Landed(b'{"a": "line\\nbreak",\r\n "b": [1, 2]}', {"archived": "true"}))
    file.add(Landed(b"", {}))
    file.close()
    first, second = landing.read(path)
    assert (first.body, first.context) == (b'{"a":"line\\nbreak","b":[1,2]}', {"archived": "true"})
    assert second.body == b"null"


def test_a_torn_last_page_is_cut_off_and_the_confirmed_ones_stay(tmp_path: Path) -> None:
    snapshot = begun(tmp_path)
    snapshot.land(Kind.PERSON, page("1"), "next")
    snapshot.checkpoint()
    snapshot.land(Kind.PERSON, page("2"), None)  # never confirmed: the process dies here
    snapshot._landing[Kind.PERSON].close()
    again = Snapshot.open(snapshot.folder)
    assert (again.manifest.of(Kind.PERSON).cursor, again.manifest.of(Kind.PERSON).done) == ("next", False)
    again.land(Kind.PERSON, page("3"), None)
    again.seal(normalise, derive, NOW)
    keys = pq.read_table(again.table_path(Kind.PERSON)).column("key").to_pylist()
    assert keys == ["1", "3"]


def test_tables_are_rebuilt_from_the_landed_pages(tmp_path: Path) -> None:
    snapshot = begun(tmp_path)
    snapshot.land(Kind.PERSON, page("1", "2"), None)
    snapshot.seal(normalise, derive, NOW)
    before = snapshot.table_path(Kind.PERSON).read_bytes()
    snapshot.table_path(Kind.PERSON).unlink()
    Snapshot.open(snapshot.folder).build(normalise, derive)
    assert snapshot.table_path(Kind.PERSON).read_bytes() == before


def test_facts_of_an_older_minor_model_lack_columns_and_are_read_all_the_same(tmp_path: Path) -> None:
    snapshot = begun(tmp_path)
    snapshot.land(Kind.CONSENT_FACT, page("1"), None)
    snapshot.seal(lambda kind, landed: Content({kind: [fact("1")]}), derive, NOW)
    path = snapshot.table_path(Kind.CONSENT_FACT)
    pq.write_table(pq.read_table(path).drop_columns(["notice", "notice_version", "notice_hash"]), path)
    engine = Engine(tmp_path / "spill")
    (row,) = engine.rows(engine.table(snapshot, Kind.CONSENT_FACT))
    assert (row["key"], row["notice"], row["notice_hash"]) == ("1", None, None)


def test_everything_in_it_is_private_whatever_the_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    old = os.umask(0)
    try:
        snapshot = begun(tmp_path)
        snapshot.land(Kind.PERSON, page("1"), None)
        snapshot.seal(normalise, derive, NOW)
    finally:
        os.umask(old)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in snapshot.folder.rglob("*") if path.is_file()}
    folders = {
        stat.S_IMODE(path.stat().st_mode) for path in [snapshot.folder, *snapshot.folder.rglob("*")] if path.is_dir()
    }
    assert (modes, folders) == ({0o600}, {0o700})


def test_a_newer_model_is_refused_and_a_broken_manifest_is_said(tmp_path: Path) -> None:
    snapshot = begun(tmp_path)
    path = snapshot.folder / "manifest.json"
    newer = f"{int(MODEL_VERSION.split('.')[0]) + 1}.0"
    path.write_text(path.read_text().replace(f'"{MODEL_VERSION}"', f'"{newer}"'))
    with pytest.raises(DamagedSnapshot):
        Snapshot.open(snapshot.folder)
    path.write_text("{")
    with pytest.raises(DamagedSnapshot):
        Snapshot.open(snapshot.folder)


def test_a_page_that_does_not_parse_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.zst"
    file = landing.LandingFile(path)
    file.add(Landed(b"<html>", {}))
    file.close()
    with pytest.raises(DamagedSnapshot):
        list(landing.read(path))


def test_the_engine_reads_while_it_streams_and_keeps_results(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    table = engine.keep(engine.rows_as_table([person(str(n), f"{n}@x.com") for n in range(10)], Kind.PERSON))
    seen: list[Any] = []
    for batch in engine.batches(table.order_by("key"), 3):
        seen.extend(row["key"] for row in batch)
        assert engine.one(table.agg(n=table.count())) == {"n": 10}
    assert seen == [str(n) for n in range(10)]


def test_an_expression_is_written_to_a_private_parquet_file(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    table = engine.rows_as_table([person("1", "a@x.com", a="b")], Kind.PERSON)
    assert engine.write(table, tmp_path / "out.parquet") == 1
    assert pq.read_table(tmp_path / "out.parquet").to_pylist()[0]["values"] == [("a", "b")]
    assert stat.S_IMODE((tmp_path / "out.parquet").stat().st_mode) == 0o600


def test_a_landing_file_that_was_cut_twice_tells_its_true_length(tmp_path: Path) -> None:
    path, page = tmp_path / "person.ndjson.zst", Landed(b'{"results":[]}', {"number": "1"})
    confirmed = 0
    for _ in range(3):
        file = landing.LandingFile(path, confirmed)
        confirmed = file.add(page)
        file.sync()
        assert confirmed == path.stat().st_size
        file.add(page)  # Lands, and is never confirmed: the process dies.
        file.close()
    landing.LandingFile(path, confirmed).close()
    assert path.stat().st_size == confirmed
    assert [one.body for one in landing.read(path)] == [page.body] * 3
