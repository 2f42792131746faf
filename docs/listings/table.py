"""Markdown tables and the code marks in them."""

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with one line a row; bars and line breaks inside cells are made harmless."""
    lines = [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def code(text: object) -> str:
    """``text`` as code, or nothing where it is empty."""
    return f"`{text}`" if str(text) else ""


def prose(docstring: str | None) -> str:
    """A docstring as Markdown on one line: double back-ticks become single ones."""
    return re.sub(r"\s+", " ", (docstring or "").replace("``", "`")).strip()


def first_line(docstring: str | None) -> str:
    return prose((docstring or "").strip().split("\n\n")[0])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ").strip() for cell in cells) + " |"
