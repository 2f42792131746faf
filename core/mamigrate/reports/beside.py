"""The folder of a report: the page, the same facts as JSON, and the files beside them. All private."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from mamigrate import private
from mamigrate.model.kinds import Kind
from mamigrate.reports import account_rows, build_sheet, forms, render, workbook
from mamigrate.reports.account_rows import Rows
from mamigrate.reports.build_sheet import Handed, Sheet
from mamigrate.reports.grouping import as_finding
from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.standing import Facts

Sheets = Mapping[Kind, Sequence[Sheet]]

INSIDE = frozenset({"new_field"})
"""Kinds of the program's own making: they are in the files, but no object of the source."""


def handed(rows: Rows) -> dict[Kind, list[Handed]]:
    """What a person must build, by kind, from where objects ended."""
    return {
        Kind(kind): [Handed(one.source_key, one.reason, one.detail) for one in found]
        for kind, found in rows.handed.items()
    }


def index(rows: Rows, sheets: Sheets) -> dict[str, Any]:
    """The facts that stand in other files: reasons with their first rows, and the build sheets."""
    return {
        "reasons": [
            {"kind": kind, "bucket": bucket, "reason": reason, "objects": n, "rows": rows.shown[kind, bucket, reason]}
            for (kind, bucket, reason), n in rows.counts.most_common()
            if kind not in INSIDE
        ],
        "build_sheets": [
            {
                "kind": kind.value,
                "objects": len(made),
                "page": f"buildsheets/{kind.value}.html",
                "types": build_sheet.types(made),
                "dangling": sum(sheet.dangling for sheet in made),
            }
            for kind, made in sheets.items()
        ],
        "files": ["accounts.csv", "accounts.parquet", "findings.csv", "run.json", "run.xlsx"],
    }


def write(folder: Path, facts: Facts, sheets: Sheets, lang: str, adapters: Sequence[str]) -> bytes:
    """Write everything but the accounts, which are written while they are counted. Returns the JSON."""
    content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    for kind, made in sheets.items():
        page = render.build_page(kind, made, facts, lang, adapters)
        private.write(folder / "buildsheets" / f"{kind.value}.html", _bytes(page))
        private.write(folder / "buildsheets" / f"{kind.value}.json", _sheets_json(made))
    private.write(folder / "findings.csv", _findings(facts, Messages.of(*adapters)))
    private.write(folder / "run.json", content)
    private.write(folder / "run.xlsx", _workbook(facts, lang, adapters, content))
    private.write(folder / "run.html", _bytes(render.run_page(facts, lang, adapters)))
    return content


def _workbook(facts: Facts, lang: str, adapters: Sequence[str], content: bytes) -> bytes:
    """What people fill in and sign, in the language in which the page opens; it names the JSON by its hash."""
    book, digest = Phrasebook(Messages.of(*adapters)), hashlib.sha256(content).hexdigest()
    return workbook.build(forms.sheets(facts, book, lang, digest), datetime.fromisoformat(facts["ended_at"]))


def _sheets_json(made: Sequence[Sheet]) -> bytes:
    plain = [{**asdict(sheet), "fragment": orjson.Fragment(sheet.fragment)} for sheet in made]
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2)


def _findings(facts: Facts, messages: Messages) -> bytes:
    header = ("severity", "code", "subject", "field", "value", "says")
    return account_rows.as_csv(header, _finding_rows(facts["findings"], messages))


def _finding_rows(findings: Sequence[Mapping[str, Any]], messages: Messages) -> Iterator[Sequence[str]]:
    for one in findings:
        params = one["params"]
        says = messages.say(as_finding(one), "en")
        yield (
            one["severity"],
            one["code"],
            one["subject"],
            params.get("field", ""),
            params.get("value", ""),
            says,
        )


def _bytes(page: str) -> bytes:
    """A page never fails for a half character that a vendor sent."""
    return page.encode(errors="backslashreplace")
