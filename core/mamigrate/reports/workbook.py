"""Sheets as an Office Open XML workbook. Every text is a text and every number a number: no cell computes anything."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from mamigrate.reports.forms import Cell, Column, Sheet
from mamigrate.reports.mask import visible

LONGEST = 32_000
"""Units of UTF-16 in a cell; spreadsheets take 32,767 and lose the rest without a word."""
CUT = " […]"
TEXT = "@"
"""The format of a text: a program that edits the cell later keeps it one."""
_NEVER = re.compile("[\ufffe\uffff]")
"""What XML cannot hold, beside what ``visible`` shows already."""


def build(sheets: Sequence[Sheet], made_at: datetime) -> bytes:
    """The workbook. The same sheets and time give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None), "author": "mamigrate"})
    styles = {name: book.add_format(style) for name, style in STYLES.items()}
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, styles)
    book.close()
    return out.getvalue()


_CELL = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#C3C8CF"}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "num_format": TEXT},
    "lead": {"italic": True, "font_color": "#566070", "num_format": TEXT},
    "label": {"font_color": "#566070", "valign": "top", "text_wrap": True, "num_format": TEXT},
    "value": {"valign": "top", "text_wrap": True, "align": "left", "num_format": TEXT},
    "head": {**_CELL, "bold": True, "bg_color": "#EEF0F2", "num_format": TEXT},
    "text": {**_CELL, "num_format": TEXT},
    "number": {**_CELL, "num_format": "#,##0"},
    "fill": {**_CELL, "bg_color": "#FCF1DC", "num_format": TEXT},
    "sum": {**_CELL, "bold": True, "num_format": "#,##0", "top": 2},
}


def _write(page: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
    _text(page, 0, 0, sheet.title, styles["title"])
    _text(page, 1, 0, sheet.lead, styles["lead"])
    at = 3
    for label, value in sheet.pairs:
        _text(page, at, 0, label, styles["label"])
        _text(page, at, 1, str(value), styles["value"])
        at += 1
    at += bool(sheet.pairs)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        _text(page, at, place, column.head, styles["head"])
    for number, row in enumerate(sheet.rows, 1):
        last = number == sheet.total
        for place, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            _cell(page, at + number, place, column, cell, styles, last=last)
    _print(page, at, sheet)


def _cell(page: Any, row: int, place: int, column: Column, cell: Cell, styles: dict[str, Any], *, last: bool) -> None:
    if cell is None:
        page.write_blank(row, place, None, styles["fill"])
        if column.choices:
            page.data_validation(row, place, row, place, {"validate": "list", "source": list(column.choices)})
    elif isinstance(cell, int):
        page.write_number(row, place, cell, styles["sum" if last else "number"])
    else:
        _text(page, row, place, cell, styles["sum" if last else "text"])


def _text(page: Any, row: int, place: int, text: str, style: Any) -> None:
    page.write_string(row, place, as_text(text), style)


def as_text(text: str) -> str:
    """A text that stays one, whatever it begins with, and that a reader sees as it is."""
    shown = _NEVER.sub(lambda found: f"\\u{ord(found.group()):04x}", visible(text))
    units = shown.encode("utf-16-le")
    shown = units[: 2 * LONGEST].decode("utf-16-le", errors="ignore") + CUT if len(units) > 2 * LONGEST else shown
    # The library takes what looks like a rich text of its own for one and writes it as it is, mark-up and all.
    return f"{shown} " if shown.startswith("<r>") and shown.endswith("</r>") else shown


def _print(page: Any, head: int, sheet: Sheet) -> None:
    """On paper: the whole width on one page, the head on each."""
    page.freeze_panes(head + 1, 1)
    page.repeat_rows(head)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.hide_gridlines(2)
