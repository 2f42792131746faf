"""Files of a report that spreadsheets open: no cell computes anything, in any column, and the guard can be undone."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hostile import COMPUTING
from mamigrate.ledger.tables import Account
from mamigrate.reports import account_rows, beside, mask
from mamigrate.reports.messages import Messages

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BEFORE = " \u3000\"';,|\t\r\n\x00"
"""What a spreadsheet, or somebody who splits a column, passes over before it computes."""


def computes(cell: str) -> bool:
    """Whether some spreadsheet may take a cell for a formula."""
    return not cell.startswith("'") and cell.lstrip(BEFORE).startswith(SIGNS)


def cells(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A row for each payload, which stands in every column of it."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        Account(run_id="r", kind=one, source_key=one, bucket=one, reason=one, detail=one, target_key=one)
        for one in COMPUTING
    ]
    account_rows.write(folder, rows, unmask=True)
    found = [
        {"code": one, "severity": one, "subject": one, "params": {"field": one, "value": one, "detail": one}}
        for one in COMPUTING
    ]
    (folder / "findings.csv").write_bytes(account_rows.as_csv(HEADER, [_finding(one) for one in found]))
    return folder


HEADER = ("severity", "code", "subject", "field", "value", "says")


def _finding(one: dict[str, Any]) -> list[str]:
    params = one["params"]
    return [one["severity"], one["code"], one["subject"], params["field"], params["value"], params["detail"]]


@pytest.mark.parametrize(
    ("name", "columns"),
    [("accounts.csv", account_rows.COLUMNS), ("findings.csv", HEADER)],
    ids=["accounts", "findings"],
)
def test_no_cell_of_a_file_computes_anything_and_every_one_comes_back(
    written: Path, name: str, columns: tuple[str, ...]
) -> None:
    found = list(cells(written / name))
    assert len(found) == len(COMPUTING) >= 200
    for row, payload in zip(found, COMPUTING, strict=True):
        assert [column for column in columns if computes(row[column])] == [], payload
        assert {row[column].removeprefix("'") for column in columns} == {mask.visible(payload)}


def test_machines_read_what_was_entered(written: Path) -> None:
    table = pq.read_table(written / "accounts.parquet").to_pylist()
    assert [row["detail"] for row in table] == COMPUTING


def test_findings_of_a_report_are_written_with_the_guard() -> None:
    """The very rows of a report, with the sentence that the program makes of them."""
    one = {"code": "parked", "severity": "warn", "subject": "=1", "params": {"reason": "=1", "detail": "", "field": "=1", "value": "=1"}}  # fmt: skip
    content = beside._findings({"findings": [one]}, Messages.of()).decode()
    (row,) = csv.DictReader(content.splitlines())
    assert [name for name, cell in row.items() if computes(cell)] == []


def test_the_search_sees_a_formula() -> None:
    assert all(computes(one) for one in COMPUTING if not one.startswith("'"))
    assert not any(computes(one) for one in ("plain", "a=b", "'=1", "1-2"))
