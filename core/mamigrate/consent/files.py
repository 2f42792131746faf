"""Files of facts (``--facts FILE.csv``): denials that no API lists, such as opt-outs that only a CRM knows.

Columns: ``address`` or ``id``, ``what``, ``when``, ``source``. ``what`` is one of WHAT, or ``topic_opt_out:<topic key>``.
A row that does not parse counts as an objection where it names somebody, and is a finding in any case.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mamigrate.consent import address
from mamigrate.consent.facts import WITHOUT_SCOPE
from mamigrate.contract import Content, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import Kind

WHAT = ("objection", "complaint", "undeliverable", "block", "erasure", "org_hold", "topic_opt_out")
COLUMNS = ("address", "id", "what", "when", "source")


def read(path: Path) -> Content:
    """The facts of one file. Raises UsageError for a file that is missing or lacks columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _require_columns(path, reader.fieldnames or [])
            rows: list[NeutralRow] = []
            problems: list[Finding] = []
            for number, record in enumerate(reader, 2):
                rows.extend(_facts(path, number, record, problems))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"the file of facts cannot be read: {error}", where=str(path)) from error
    return Content({Kind.CONSENT_FACT: rows}, problems)


def _require_columns(path: Path, names: object) -> None:
    missing = [name for name in ("what",) if name not in names]  # type: ignore[operator]  # names is a sequence of text
    if missing or not ({"address", "id"} & set(names)):  # type: ignore[call-overload]  # as above
        raise UsageError(f"columns needed: {', '.join(COLUMNS)}", where=f"{path}:1")


def _facts(path: Path, number: int, record: dict[str, str], problems: list[Finding]) -> Iterator[NeutralRow]:
    where = f"facts/{path.name}/{number}"
    what, _, topic = (record.get("what") or "").strip().partition(":")
    if what not in WHAT:
        problems.append(_problem("fact_unknown", where, field="what", value=what))
        what = "unparsed"
    lo, hi = _when(record.get("when") or "", where, problems)
    known = address.keys(record.get("address"))
    person = (record.get("id") or "").strip() or None
    base = WITHOUT_SCOPE | {
        "polarity": "-",
        "kind": what,
        "topic": topic or "*",
        "lo": lo,
        "hi": hi,
        "actor": "subject" if what in ("objection", "complaint", "topic_opt_out") else "operator",
        "proof": 1 if record.get("source") else 0,
        "source_ref": f"{where}/{record.get('source') or ''}",
        "raw": (record.get("what") or "")[:200],
        "person_key": person,
        "address_strict": known.strict,
        "address_loose": known.loose,
    }
    if person is None and known.loose is None:
        problems.append(_problem("fact_without_holder", where, field="address", value=""))
    if person is not None:
        yield {**base, "key": f"{where}/person", "holder": "person"}
    if known.loose is not None:
        yield {**base, "key": f"{where}/address", "holder": "address"}


def _when(text: str, where: str, problems: list[Finding]) -> tuple[datetime | None, datetime | None]:
    """The interval of the event: exact, a whole day anywhere on earth, or unknown."""
    text = text.strip()
    if not text:
        return None, None
    try:
        if len(text) == 10:
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day - timedelta(hours=14), day + timedelta(hours=36)
        moment = parse_datetime(text)
        return moment, moment
    except ValueError:
        problems.append(_problem("bad_value", where, field="when", value=text, type="datetime"))
        return None, None


def _problem(code: str, where: str, **params: str) -> Finding:
    return Finding(code, Severity.WARN, where, params)
