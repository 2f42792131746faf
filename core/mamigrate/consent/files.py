"""Files of facts (``--facts FILE.csv``): denials that no API lists, such as opt-outs that only a CRM knows.

Columns: ``address`` or ``id``, ``what``, ``when``, ``source``. ``what`` is one of WHAT, or ``topic_opt_out:<topic key>``.
A row that does not parse counts as an objection of everybody whom it names, and is a finding in any case.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from mamigrate.consent import address
from mamigrate.consent.facts import WITHOUT_SCOPE
from mamigrate.contract import Content, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.handwritten import text as written
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import Kind

WHAT = ("objection", "complaint", "undeliverable", "block", "erasure", "org_hold", "topic_opt_out")
COLUMNS = ("address", "id", "what", "when", "source")
DELIMITERS = (",", ";", "\t")
"""Spreadsheets write any of these, by their country."""
HEADINGS = ("email", "e-mail", "mail", "name", "first name", "last name", "company", "phone", "country", "date", "reason",
            "type", "kind", "note", "comment", "status", "topic", "contact id", "lead id", "record id", "unsubscribed")  # fmt: skip
"""What else heads columns of exports. A cell that is like none of these may be somebody's."""
_CRM = re.compile(r"(?<![a-z])(crm|salesforce|sfdc|dynamics)(?![a-z])", re.IGNORECASE)
LARGEST = 512 * 2**20
"""Bytes of a file."""
_SAID = {
    "unexpected end of data": "a quotation mark is never closed",
    "expected after": "a quotation mark stands inside a quoted cell: double it",
    "field larger": "a cell is too long: a quotation mark may not be closed",
}
"""The reader's sentences by a part of them, and ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by column, without blanks around them. ``beyond`` are cells that no column names."""

    where: str
    cells: dict[str, str]
    beyond: str

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


def read(path: Path) -> Content:
    """The facts of one file. Raises UsageError with the line for a file that is missing or no table of facts."""
    return parse(path, text_of(path))


def text_of(path: Path) -> str:
    """What a file says, decoded. Raises UsageError with the place."""
    return written.read(path, largest=LARGEST, utf16=True)


def parse(path: Path, content: str) -> Content:
    """The facts of a file's text; ``path`` is how places in it are told. Raises UsageError with the line."""
    rows: list[NeutralRow] = []
    problems: list[Finding] = []
    for row in _rows(path, content):
        _no_pattern(row, path)
        rows.extend(_facts(row, problems))
    return Content({Kind.CONSENT_FACT: rows}, problems)


def widened(content: Content, topics: Collection[str]) -> Content:
    """The facts with those of an unknown subscription type as objections to everything, and a finding for each."""
    rows, problems = list(content.rows[Kind.CONSENT_FACT]), list(content.problems)
    for at, row in enumerate(rows):
        if row["topic"] != "*" and row["topic"] not in topics:
            where = "/".join(row["source_ref"].split("/")[:3])
            problems.append(_problem("fact_topic_unknown", where, topic=row["topic"]))
            rows[at] = row | {"kind": "objection", "topic": "*"}
    return Content({Kind.CONSENT_FACT: rows}, problems)


def of_crm(fact: NeutralRow) -> bool:
    """Whether a fact of a file says that a CRM told it: in its ``source``, or by the file's name."""
    return _CRM.search(fact["source_ref"]) is not None


# --- the table ---------------------------------------------------------------------------------------------------------


def _rows(path: Path, content: str) -> Iterator[Row]:
    begin = 1
    if content[:4].lower() == "sep=":  # Some spreadsheets say there what stands between the columns.
        begin, content = 2, content.partition("\n")[2]
    table = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content[:4096]), strict=True)
    names: list[str] = []
    line = begin
    try:
        for cells in table:
            if not names:
                names = _columns(cells, f"{path}:{line}")
            elif any(cell.strip() for cell in cells):
                yield _row(path, line, names, cells)
            line = begin + table.line_num
    except csv.Error as error:
        told = next((ours for part, ours in _SAID.items() if part in str(error)), str(error))
        raise UsageError(told, where=f"{path}:{line}") from error
    if not names:
        raise UsageError(f"the file is empty; columns needed: {', '.join(COLUMNS)}", where=f"{path}:1")


def _delimiter(beginning: str) -> str:
    """What stands between the names of the columns."""
    head = next(iter(beginning.splitlines()), "")
    found = (one for one in DELIMITERS if "what" in [_name(cell) for cell in head.split(one)])
    return next(found, DELIMITERS[0])


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _columns(cells: Sequence[str], where: str) -> list[str]:
    names = [_name(cell) for cell in cells]
    if "what" not in names or not {"address", "id"} & set(names):
        found = ", ".join(_title(name, at) for at, name in enumerate(names, 1))
        raise UsageError(f"columns needed: {', '.join(COLUMNS)}; found: {found}", where=where)
    unknown = [(at, name) for at, name in enumerate(names, 1) if name and name not in COLUMNS]
    if unknown:
        (at, name), *_ = unknown
        raise UsageError(f"{_title(name, at)} is no column of facts; {written.hint(name, COLUMNS)}", where=where)
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise UsageError(f'the column "{twice[0]}" stands there twice', where=where)
    return names


def _title(name: str, at: int) -> str:
    """A column as a sentence may call it: a first line that is no heading holds people."""
    near = get_close_matches(name, (*COLUMNS, *HEADINGS), n=1, cutoff=0.8)
    return f'"{name}"' if near and "@" not in name else f"column {at} (no name that is known)"


def _row(path: Path, line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    known = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    rest = [cell for name, cell in zip(names, cells, strict=False) if not name] + list(cells[len(names) :])
    if any(_swallows(name, cell) for name, cell in known.items()):
        # Rows inside a cell would be lost with the denials in them.
        told = "a cell runs over several lines and may swallow rows: a quotation mark may not be closed"
        raise UsageError(told, where=f"{path}:{line}")
    return Row(f"facts/{path.name}/{line}", known, " ".join(cell.strip() for cell in rest).strip())


def _swallows(name: str, cell: str) -> bool:
    """Whether a cell of several lines may hold rows. Addresses below each other are none, nor is a note without commas."""
    marks = DELIMITERS if name == "address" else (*DELIMITERS, "@")
    return "\n" in cell and any(mark in cell for mark in marks)


def _no_pattern(row: Row, path: Path) -> None:
    """A denial of a whole domain would deny one address that nobody has: it stops with its line."""
    cells = [row[name] for name in ("address", "id", "what", "when")]
    named = next(filter(None, map(address.pattern_in, [*cells, row.beyond])), None)
    if named:
        told = f'"{named}" means every address of a domain: list its addresses one by one'
        raise UsageError(told, where=f"{path}:{row.where.rpartition('/')[2]}")


# --- what a row says ---------------------------------------------------------------------------------------------------


def _facts(row: Row, problems: list[Finding]) -> Iterator[NeutralRow]:
    found = address.found_in(row["address"])
    beside = address.found_in(_slipped(row))
    unclear = list(_unclear(row, found))
    problems += [_problem("fact_unclear", row.where, field=field, value=value) for field, value in unclear]
    what, topic = _what(row, problems, clear=not unclear)
    person = None if "@" in row["id"] else row["id"] or None
    base = WITHOUT_SCOPE | {
        "polarity": "-",
        "kind": what,
        "topic": topic,
        "lo": _when(row["when"], row.where, problems),
        # A list shows who is opted out while it is made, so no return that came before ends a denial in it.
        "hi": None,
        "actor": "subject" if what in ("objection", "complaint", "topic_opt_out") else "operator",
        "proof": 1 if row["source"] else 0,
        "source_ref": f"{row.where}/{row['source']}",
        "raw": row["what"][:200],
        "person_key": person,
        "address_strict": None,
        "address_loose": None,
    }
    addresses = [*found.addresses, *beside.addresses]
    doubtful = [*found.unclear, *beside.unclear]
    if person is None and not addresses:
        problems.append(_problem("fact_without_holder", row.where, field="address", value=row["address"]))
    # What is no address may still be what a record of the source holds for one. A row that names nobody stays a denial.
    for number, one in enumerate(
        [*addresses, *doubtful] or ([row["address"]] if row["address"] or not person else []), 1
    ):
        known = address.keys(one)
        held = {"address_strict": known.strict, "address_loose": known.loose, "holder": "address"}
        yield {**base, **held, "key": f"{row.where}/address/{number}"}
    if person is not None:
        yield {**base, "key": f"{row.where}/person", "holder": "person"}


def _slipped(row: Row) -> str:
    """What stands in other columns and may be addresses. ``source`` may name a colleague, unless the row has slipped."""
    cells = [row[name] for name in ("id", "what", "when") if "@" in row[name]]
    return " ".join([*cells, row["source"], row.beyond] if cells or row.beyond else [])


def _unclear(row: Row, found: address.Found) -> Iterator[tuple[str, str]]:
    """Cells that may name somebody whom nobody understands: (column, value)."""
    if found.unclear or (row["address"] and row["id"] and not found.addresses):
        yield "address", row["address"]
    for name in ("id", "what", "when"):
        if "@" in row[name]:
            yield name, row[name]
    if row.beyond:
        yield "-", row.beyond


def _what(row: Row, problems: list[Finding], *, clear: bool) -> tuple[str, str]:
    """The kind of fact and its topic. In doubt everything is denied."""
    word, _, topic = unicodedata.normalize("NFKC", row["what"]).partition(":")
    word, topic = word.strip().lower(), topic.strip()
    if word not in WHAT:
        problems.append(_problem("fact_unknown", row.where, field="what", value=row["what"]))
        return "unparsed", "*"
    if bool(topic) is not (word == "topic_opt_out"):
        problems.append(_problem("fact_unclear", row.where, field="what", value=row["what"]))
        clear = False
    if word != "topic_opt_out":
        return word, "*"
    return (word, topic) if clear else ("objection", "*")


def _when(text: str, where: str, problems: list[Finding]) -> datetime | None:
    """When a denial began: exact, the first hour of a day anywhere on earth, or unknown."""
    text = text.strip()
    try:
        if len(text) == 10:
            return datetime.fromisoformat(text).replace(tzinfo=UTC) - timedelta(hours=14)
        return parse_datetime(text) if text else None
    except (ValueError, OverflowError):
        problems.append(_problem("bad_value", where, field="when", value=text, type="datetime"))
        return None


def _problem(code: str, where: str, **params: str) -> Finding:
    return Finding(code, Severity.WARN, where, params)
