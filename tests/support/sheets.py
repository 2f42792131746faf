"""What a spreadsheet program finds in a workbook: cells with their types, and formulas, if there were any."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class Page:
    """``cells`` by (row, column), from 0: texts as str, numbers as float, empty ones as None. ``formulas`` are their texts."""

    name: str
    cells: dict[tuple[int, int], str | float | None] = field(default_factory=dict)
    formulas: list[str] = field(default_factory=list)
    links: int = 0

    def row(self, number: int) -> list[str | float | None]:
        columns = [column for row, column in self.cells if row == number]
        return [self.cells.get((number, column)) for column in range(max(columns, default=-1) + 1)]

    @property
    def rows(self) -> list[list[str | float | None]]:
        return [self.row(number) for number in range(max((row for row, _ in self.cells), default=-1) + 1)]

    def table(self, head: str) -> list[list[str | float | None]]:
        """The rows below the one whose first cell is ``head``."""
        rows = self.rows
        return rows[[row[0] if row else None for row in rows].index(head) + 1 :]


def read(content: bytes) -> list[Page]:
    """The pages of a workbook in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = [one.attrib["name"] for one in _tree(file, "xl/workbook.xml").iter(f"{MAIN}sheet")]
        shared = ["".join(text.text or "" for text in one.iter(f"{MAIN}t")) for one in _shared(file)]
        return [_page(file, name, at, [_plain(text) for text in shared]) for at, name in enumerate(names, 1)]


def parts(content: bytes) -> list[str]:
    """The names of the files in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return file.namelist()


def _shared(file: zipfile.ZipFile) -> list[ElementTree.Element]:
    return list(_tree(file, "xl/sharedStrings.xml").iter(f"{MAIN}si"))


def _page(file: zipfile.ZipFile, name: str, number: int, shared: list[str]) -> Page:
    tree, page = _tree(file, f"xl/worksheets/sheet{number}.xml"), Page(name)
    for cell in tree.iter(f"{MAIN}c"):
        value, type = cell.find(f"{MAIN}v"), cell.attrib.get("t", "n")
        assert type in ("s", "n"), type
        text = None if value is None else value.text or ""
        page.cells[_place(cell.attrib["r"])] = (
            None if text is None else shared[int(text)] if type == "s" else float(text)
        )
    page.formulas = [one.text or "" for one in tree.iter(f"{MAIN}f")]
    page.links = len(list(tree.iter(f"{MAIN}hyperlink")))
    return page


def _place(reference: str) -> tuple[int, int]:
    found = re.fullmatch("([A-Z]+)([0-9]+)", reference)
    assert found
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


def _tree(file: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(file.read(name))


def _plain(text: str) -> str:
    """Characters that the format writes as ``_xHHHH_``."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)
