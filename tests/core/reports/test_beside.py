"""The folder of a report."""

import csv
import io
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.ledger.tables import Account
from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.reports import account_rows, beside, build_sheet

Facts = dict[str, Any]
Estate = Mapping[Kind, list[EstateObject]]


@pytest.fixture
def folder(tmp_path: Path, loaded: Facts, estate: Callable[[str], Estate]) -> Path:
    """A whole report of two handed objects and one created person."""
    fates = [
        ("list", "1", "handed"),
        ("workflow", "7", "handed"),
        ("person", "17", "created"),
        ("new_field", "f", "created"),
    ]
    rows = account_rows.write(
        tmp_path,
        [Account(run_id="r", kind=kind, source_key=key, bucket=bucket, reason="new") for kind, key, bucket in fates],
        unmask=False,
    )
    sheets = build_sheet.sheets(estate("リード"), beside.handed(rows), unmask=False)
    loaded["findings"].append(
        {"code": "parked", "severity": "warn", "subject": "old/person/1", "params": {"value": "=1+1"}}
    )
    beside.write(tmp_path, loaded | beside.index(rows, sheets), sheets, "ja", ())
    return tmp_path


def test_everything_lies_there_and_only_its_owner_reads_it(folder: Path) -> None:
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    sheets = {f"buildsheets/{kind}.{end}" for kind in ("list", "workflow") for end in ("html", "json")}
    assert files == sheets | {"run.html", "run.json", "run.xlsx", "findings.csv", "accounts.csv", "accounts.parquet"}
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in files} == {0o600}
    assert stat.S_IMODE((folder / "buildsheets").stat().st_mode) == 0o700


def test_page_and_json_hold_the_same_facts(folder: Path) -> None:
    facts = orjson.loads((folder / "run.json").read_bytes())
    page = (folder / "run.html").read_text(encoding="utf-8")
    assert facts["reach"]["before"] == 740
    assert ">740<" in page
    assert [one["kind"] for one in facts["build_sheets"]] == ["list", "workflow"]
    assert all(one["kind"] != "new_field" for one in facts["reasons"])


def test_build_sheets_link_to_each_other_and_back(folder: Path) -> None:
    page = (folder / "buildsheets" / "workflow.html").read_text(encoding="utf-8")
    assert f'href="list.html#{build_sheet.anchor("1")}"' in page
    assert f'id="{build_sheet.anchor("1")}"' in (folder / "buildsheets" / "list.html").read_text(encoding="utf-8")
    assert 'href="../run.html"' in page


def test_build_sheets_are_there_for_machines_too(folder: Path) -> None:
    sheets = orjson.loads((folder / "buildsheets" / "list.json").read_bytes())
    assert [(one["name"], one["heads"], one["fragment"]["name"]) for one in sheets] == [("リード", 42, "リード")]


def test_findings_are_a_table_that_computes_nothing(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((folder / "findings.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 7
    assert rows[-1]["value"] == "'=1+1"
