"""Rows of accounts in files."""

import csv
import io
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mamigrate.ledger.tables import Account
from mamigrate.reports import account_rows

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    '"=1',
    ",=1",
    ";=cmd|' /C calc'!A0",
    "'=1",
    "\x00=1",
    "\u3000=1",
]


def account(key: str, bucket: str = "created", kind: str = "person", detail: str = "") -> Account:
    return Account(
        run_id="r", kind=kind, source_key=key, bucket=bucket, reason="new", detail=detail, target_key=f"t{key}"
    )


def cells(folder: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO((folder / "accounts.csv").read_text(encoding="utf-8"), newline="")))


@pytest.mark.parametrize("payload", FORMULAS)
def test_no_cell_begins_a_formula(tmp_path: Path, payload: str) -> None:
    account_rows.write(tmp_path, [account("1", detail=payload)], unmask=True)
    cell = cells(tmp_path)[1][4]
    assert cell.startswith("'") or cell[0].isalnum() or cell[0] == "\\"


@pytest.mark.parametrize("plain", ["株式会社", "a=b", "1-2", "x'y", "", *FORMULAS[:4]])
def test_the_guard_can_be_undone(plain: str) -> None:
    assert account_rows.guarded(plain).removeprefix("'") == plain


def test_addresses_are_masked_unless_asked(tmp_path: Path) -> None:
    rows = [account("taro@minamo.example", kind="suppressed_address")]
    account_rows.write(tmp_path, rows, unmask=False)
    assert cells(tmp_path)[1][1] == "t•••@minamo.example"
    account_rows.write(tmp_path, rows, unmask=True)
    assert cells(tmp_path)[1][1] == "taro@minamo.example"


def test_both_files_hold_every_row_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    seen = account_rows.write(tmp_path, (account(str(n)) for n in range(account_rows.PAGE + 7)), unmask=False)
    assert len(cells(tmp_path)) == account_rows.PAGE + 8
    assert pq.read_table(tmp_path / "accounts.parquet").num_rows == account_rows.PAGE + 7
    assert len(seen.shown["person", "created", "new"]) == account_rows.SHOWN
    for name in ("accounts.csv", "accounts.parquet"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_only_handed_objects_of_the_estate_are_remembered(tmp_path: Path) -> None:
    rows = [account("1", "handed", "list"), account("2", "handed", "list_membership"), account("3", kind="list")]
    seen = account_rows.write(tmp_path, rows, unmask=False)
    assert {kind: [one.source_key for one in found] for kind, found in seen.handed.items()} == {"list": ["1"]}


def test_a_half_character_is_no_reason_to_fail(tmp_path: Path) -> None:
    account_rows.write(tmp_path, [account("1", detail="\ud83d")], unmask=True)
    assert cells(tmp_path)[1][4] == "\\ud83d"
