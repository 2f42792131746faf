"""The picture of the architecture: the way of the data above, the floors of the core below, as the import contract says."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parents[2]
WIDE = 1000

WAY = (
    ("source", "HubSpot", "vendor"),
    ("extract", "pages as received, tables", "stage"),
    ("plan", "mapping, identity, consent", "stage"),
    ("gate", "what must be decided", "stage"),
    ("apply", "denials first", "stage"),
    ("target", "Marketo", "vendor"),
)
BELOW = (
    (1, "snapshot", "the source as it was"),
    (2, "mapping.yaml, facts", "what people edit"),
    (3, "decisions.yaml", "what people sign"),
    (4, "ledger", "around each batch"),
)
MEANINGS = {
    "__main__": "the console script",
    "cli": "options, sentences, exit codes",
    "stages": "one verb a file; what adapter authors test with",
    "reports": "pages and JSON",
    "registry": "plug-ins; the project; the ledger",
    "kept": "what an instance answers, looked at",
    "promises": "whether adapters keep the contract",
    "plan": "fates and timetables, pure; hooks; the one HTTP session",
    "snapshot": "data at rest and the engine; pure thinking beside it",
    "contract": "what an adapter promises",
    "capabilities": "what a vendor can hold",
    "model": "the neutral shapes",
    "findings": "what the user must know",
    "private": "files that only their owner reads; files that people write",
    "errors": "exceptions by who acts; one source of time",
}


def draw() -> str:
    """The whole picture."""
    tall = 362 + (len(floors()) + 1) * 35 + 8
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall}" font-family="sans-serif" font-size="14">'
    )
    style = (
        "<style>.stage{fill:#eaf2ec;stroke:#1f6f4a}.vendor{fill:#fff4e0;stroke:#b9770e}.kept{fill:#eef1f6;stroke:#44546a}"
        ".floor{fill:#f7f7f7;stroke:#999}.outer{fill:#fff4e0;stroke:#b9770e}.small{font-size:12px;fill:#444}"
        ".arrow{stroke:#333;fill:none;marker-end:url(#tip)}.title{font-size:16px;font-weight:bold}</style>"
    )
    tip = (
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#333"/></marker></defs>'
    )
    white = f'<rect width="{WIDE}" height="{tall}" fill="#ffffff"/>'
    return "\n".join([head, style, tip, white, *_way(), *_floors(), "</svg>", ""])


def _way() -> Iterator[str]:
    yield _text(20, 30, "The way of the data", "title")
    for number, (name, says, kind) in enumerate(WAY):
        left = 20 + number * 163
        yield _box(left, 50, 145, 62, kind, name, says)
        if number:
            yield _arrow(left - 18, 81, left - 1, 81)
    for number, name, says in BELOW:
        left = 20 + number * 163
        yield _box(left, 150, 145, 62, "kept", name, says)
    for number in (1, 4):
        yield _arrow(92 + number * 163, 112, 92 + number * 163, 149)
    for number in (2, 3):
        yield _arrow(92 + number * 163, 150, 92 + number * 163, 113)
    yield _box(835, 150, 145, 62, "stage", "verify", "everybody is read back")
    yield _arrow(907, 112, 907, 149)
    yield _box(835, 250, 145, 62, "stage", "report", "page, JSON, build sheets")
    yield _arrow(907, 212, 907, 249)
    yield _arrow(744, 212, 834, 270)


def _floors() -> Iterator[str]:
    yield _text(20, 290, "The floors of the code: each imports only what lies under it", "title")
    yield _box(20, 310, 780, 42, "outer", "adapters | plugins", "strangers to each other; they stand on the core")
    for number, floor in enumerate(floors()):
        yield _row(20, 362 + number * 35, 780, 31, " | ".join(floor), MEANINGS.get(floor[0], ""))
    yield _row(20, 362 + len(floors()) * 35, 780, 31, "templates", "words and pages, imported as data", "outer")


def floors() -> list[Sequence[str]]:
    """The floors of the core, from the top, as the import contract lists them."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    core = next(one for one in tools["importlinter"]["contracts"] if one["id"] == "core")
    return [[name.strip() for name in layer.split("|")] for layer in core["layers"]]


def _box(x: int, y: int, wide: int, tall: int, kind: str, name: str, says: str) -> str:
    middle = x + wide // 2
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{tall}" rx="6"/>'
        + _text(middle, y + tall // 2 - 4, name, anchor="middle")
        + _text(middle, y + tall // 2 + 13, says, "small", "middle")
    )


def _row(x: int, y: int, wide: int, tall: int, name: str, says: str, kind: str = "floor") -> str:
    box = f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{tall}" rx="4"/>'
    return box + _text(x + 14, y + 20, name) + _text(x + 410, y + 20, says, "small")


def _text(x: int, y: int, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    return f'<path class="arrow" d="M{x1},{y1} L{x2},{y2}"/>'
