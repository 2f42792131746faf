"""Rows travel as tuples: they must stand in the order of their table's columns."""

from pathlib import Path

import pytest
from sqlmodel import SQLModel

from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Account, AccountTable, IdMap, IdMapTable

ROW = IdMap("hubspot", "marketo", "person", "101", "20101", "created", "ab" * 16, "r1")


@pytest.mark.parametrize(("row", "table"), [(IdMap, IdMapTable), (Account, AccountTable)])
def test_the_fields_of_a_row_stand_in_the_order_of_the_columns(
    row: type[IdMap] | type[Account], table: type[SQLModel]
) -> None:
    columns = SQLModel.metadata.tables[str(table.__tablename__)].columns
    assert row._fields == tuple(column.name for column in columns)


def test_a_kept_id_reads_back_as_it_was_and_the_newest_wins(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    ledger.keep_ids([ROW])
    ledger.keep_ids([ROW._replace(target_key="20102"), ROW._replace(source_key="102")])
    found = ledger.ids("hubspot", "marketo", "person")
    ledger.close()
    assert found == {"101": ROW._replace(target_key="20102"), "102": ROW._replace(source_key="102")}


def test_an_account_of_the_same_run_stays_where_only_fresh_ones_are_wanted(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    ledger.account([Account("r1", "person", "101", "created", "new")])
    ledger.account([Account("r1", "person", "101", "equal"), Account("r1", "person", "102", "left")], fresh_only=True)
    found = sorted(ledger.accounts("r1"))
    ledger.close()
    assert found == [Account("r1", "person", "101", "created", "new"), Account("r1", "person", "102", "left")]


def test_an_undone_id_is_no_longer_listed(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    ledger.keep_ids([ROW, ROW._replace(source_key="102", undone=True)])
    found = list(ledger.iter_ids("hubspot", "marketo", "person"))
    ledger.close()
    assert found == [ROW]


def test_rows_of_some_objects_are_found_undone_ones_too(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path / "ledger.sqlite")
    undone = ROW._replace(source_key="102", undone=True)
    ledger.keep_ids([ROW, undone, ROW._replace(source_key="103"), ROW._replace(kind="list")])
    one, other = Account("r1", "person", "101", "created"), Account("r2", "person", "101", "equal")
    ledger.account([one, other, Account("r1", "list", "101", "left"), Account("r1", "person", "104", "left")])
    found = ledger.ids_of("hubspot", "marketo", "person", ["102", "101", "999"])
    ended = ledger.accounts_of("r1", "person", ["101", "999"])
    nothing = (ledger.ids_of("hubspot", "marketo", "person", []), ledger.accounts_of("r1", "person", []))
    ledger.close()
    assert (found, ended, nothing) == ([ROW, undone], [one], ([], []))
