"""What is fed with anything at all: each target takes bytes, swallows the program's own errors, and lets every other fly.

The bytes come from ``tests/fuzz/corpus/<target>``, as they are and changed at random, and in long runs from a fuzzer that
follows the branches that it has seen taken.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlsplit

import orjson

from mamigrate.clock import HandClock
from mamigrate.consent import address, files
from mamigrate.consent.facts import from_blockers, with_keys
from mamigrate.consent.proof import record
from mamigrate.contract import Connection, Landed, Secret
from mamigrate.errors import MamigrateError
from mamigrate.handwritten import toml
from mamigrate.http import codes
from mamigrate.http.call import Call, Reply
from mamigrate.http.origins import Origins
from mamigrate.ledger.store import Ledger
from mamigrate.mapping.load import load
from mamigrate.model.canonical import NotCanonical, canonical, parse_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.reports import mask, render
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.snapshot import landing, manifest
from mamigrate_hubspot import codes as hubspot_codes
from mamigrate_hubspot import wire as hubspot_wire
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_marketo import codes as marketo_codes
from mamigrate_marketo import late, read
from mamigrate_marketo import wire as marketo_wire
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from markup import elements

CORPUS = Path(__file__).parent.parent / "fuzz" / "corpus"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
Target = Callable[[bytes], None]


# --- replies -----------------------------------------------------------------------------------------------------------


@cache
def _hubspot() -> HubSpotInstance:
    connection = Connection(
        "src", "hubspot", "", "UTC", {"explicit_consent": "false"}, secrets={"access_token": Secret("x")}
    )
    return HubSpot().connect(connection, HandClock())


@cache
def _marketo() -> MarketoInstance:
    connection = Connection(
        "dst",
        "marketo",
        base_url="https://123-ABC-456.mktorest.com",
        options={"client_id": "x"},
        secrets={"client_secret": Secret("x")},
    )
    return Marketo().connect(connection, HandClock())


_TYPES = "agreed=boolean,amount=decimal,birthday=date,createdate=datetime,hs_email_optout=boolean,hs_email_optout_9001=boolean,interests=multi_choice"
_STATUSES = {"topics": "9001:MKT", "needed": "9001", "people": '{"ana@x.example":["101"]}'}
_PAGES: tuple[tuple[Kind, Mapping[str, str]], ...] = (
    (Kind.PERSON, {"types": _TYPES}),
    (Kind.ACCOUNT, {"types": _TYPES}),
    (Kind.OPPORTUNITY, {"types": _TYPES}),
    (Kind.CONSENT_FACT, {**_STATUSES, "form": "one", "reply": "statuses"}),
    (Kind.CONSENT_FACT, {**_STATUSES, "form": "one", "reply": "wide"}),
    (Kind.CONSENT_FACT, {**_STATUSES, "form": "batch", "reply": "statuses"}),
    (Kind.CONSENT_FACT, {}),
    (Kind.FIELD, {"object": "contacts"}),
    (Kind.TOPIC, {}),
    (Kind.OWNER, {}),
    (Kind.LIST, {}),
    (Kind.LIST_MEMBERSHIP, {"list": "5"}),
    (Kind.WORKFLOW, {}),
    (Kind.ASSET, {"object": "emails"}),
    (Kind.ASSET, {"object": "forms"}),
    (Kind.ASSET, {"object": "site-pages"}),
    (Kind.PROGRAM, {"object": "campaigns"}),
    (Kind.PROGRAM, {"object": "events"}),
    (Kind.LIFECYCLE_MODEL, {"object": "contacts"}),
    (Kind.LIFECYCLE_MODEL, {"object": "deals"}),
    (Kind.RULESET, {"object": "properties"}),
    (Kind.RULESET, {"object": "scores"}),
)


def hubspot_page(data: bytes) -> None:
    """The first byte says of what the page is."""
    kind, context = _PAGES[data[0] % len(_PAGES)] if data else _PAGES[0]
    content = _hubspot().normalise(kind, Landed(data[1:], {"read_at": "2026-06-01T00:00:00Z", **context}))
    for row in content.rows.get(Kind.PERSON, ()):
        list(from_blockers(with_keys(row), BLOCKERS, "src/person", NOW))
    for row in content.rows.get(Kind.CONSENT_FACT, ()):
        assert row["polarity"] == "-" or row["topic"] != "*", "a permission for everything"


_ASKED: tuple[tuple[Kind, str], ...] = (
    (Kind.FIELD, "leads"),
    (Kind.FIELD, "companies"),
    (Kind.CHANNEL, "channels"),
    (Kind.LIST, "staticLists"),
    (Kind.LIST, "smartLists"),
    (Kind.ASSET, "emails"),
    (Kind.WORKFLOW, "smartCampaigns"),
    (Kind.PROGRAM, "programs"),
)
_LEAD = {"unsubscribed": DataType.BOOLEAN, "leadScore": DataType.INTEGER, "annualRevenue": DataType.DECIMAL, "dateOfBirth": DataType.DATE, "updatedAt": DataType.DATETIME}  # fmt: skip


def marketo_page(data: bytes) -> None:
    """The first byte says of what the page is; from the last kind of asset on it is people, and then the log."""
    number = data[0] % (len(_ASKED) + 2) if data else 0
    if number < len(_ASKED):
        kind, name = _ASKED[number]
        _marketo().normalise(kind, Landed(data[1:], {"object": name}))
        return
    body = marketo_wire.parse(data[1:])
    marketo_wire.token(body)
    rows = marketo_wire.result(body)
    if number == len(_ASKED):
        read.people("dst", rows, _LEAD)
    else:
        list(late.raised(rows, {"noNews": "true", "prefNews": "false"}, set()))


def judged(data: bytes) -> None:
    """Errors of both vendors: a status, then a body."""
    status = (200, 207, 400, 401, 403, 404, 429, 500, 503)[data[0] % 9] if data else 200
    reply = Reply(Call("GET", "/x"), status, {"retry-after": "5"}, data[1:])
    _judge(hubspot_codes.Judge("src"), reply)
    _judge(marketo_codes.Judge("dst"), reply)


def _judge(judge: Callable[[Reply], MamigrateError | None], reply: Reply) -> None:
    try:
        judge(reply)
    except MamigrateError:
        return


def retry_after(data: bytes) -> None:
    told, _, sent = data.decode("latin-1").partition("\n")
    headers = {"retry-after": told, "date": sent} if sent else {"retry-after": told}
    seconds = codes.retry_after(headers)
    assert seconds is None or seconds >= 0
    codes.skew(headers, NOW)
    assert codes.told_at(headers, NOW).tzinfo is not None


def next_link(data: bytes) -> None:
    """A redirect, and the paging of a page: what is admitted is on the list."""
    text = data.decode("latin-1")
    for place in (text, f"https://{text}", f"//{text}"):
        try:
            found = Origins("src", "https://vendor.example").follow("https://vendor.example/a?b=c", place)
        except MamigrateError:
            continue
        assert (urlsplit(found).scheme.lower(), urlsplit(found).hostname) == ("https", "vendor.example")
        assert urlsplit(found).port in (None, 443)
    after = hubspot_wire.after(hubspot_wire.parse(data))
    assert after is None or after.strip()


# --- values ------------------------------------------------------------------------------------------------------------


def csv_of_facts(data: bytes) -> None:
    content = files.parse(Path("facts.csv"), data.decode("utf-8", errors="replace"))
    rows = content.rows[Kind.CONSENT_FACT]
    assert all(row["polarity"] == "-" for row in rows)
    assert len({row["key"] for row in rows}) == len(rows)
    files.widened(content, ("9001",))


def email_keys(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    known = address.keys(text)
    assert known == address.careful(text), "the quick way tells something else"
    assert known.valid is (known.strict is not None)
    assert address.loose(known.strict) == known.loose or known.strict is None, "a denial would miss its own address"
    found = address.found_in(text)
    assert all(address.keys(one).valid for one in found.addresses)
    address.pattern_in(text)
    mask.addresses(text)


def dates(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    _settled(text, DataType.DATE)
    _settled(text, DataType.DATETIME)
    try:
        assert parse_datetime(text).tzinfo is UTC
    except ValueError:
        return


def booleans(data: bytes) -> None:
    """Yes and no, and numbers and choices."""
    text = data.decode("utf-8", errors="replace")
    for kind in (DataType.BOOLEAN, DataType.INTEGER, DataType.DECIMAL, DataType.MULTI_CHOICE):
        _settled(text, kind)


def _settled(text: str, kind: DataType) -> None:
    """A canonical text stays as it is when it is read again."""
    try:
        found = canonical(text, kind)
    except NotCanonical:
        return
    assert not found or canonical(found, kind) == found, kind


# --- files -------------------------------------------------------------------------------------------------------------


@cache
def _folder() -> Path:
    return Path(mkdtemp(prefix="fuzzed-"))


def _kept(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


def ledger_file(data: bytes) -> None:
    """A damaged ledger is said to be one."""
    for end in ("-wal", "-shm"):
        (_folder() / f"ledger.sqlite{end}").unlink(missing_ok=True)
    ledger = Ledger.at(_kept("ledger.sqlite", data))
    try:
        for run in ledger.runs():
            ledger.tallies(run.id)
            list(ledger.iter_ids("old", "new", Kind.PERSON))
    finally:
        ledger.close()


def landed_file(data: bytes) -> None:
    for page in landing.read(_kept("person.ndjson.zst", data)):
        assert isinstance(page.body, bytes)


def manifest_file(data: bytes) -> None:
    _kept(manifest.NAME, data)
    manifest.load(_folder())


def evidence_file(data: bytes) -> None:
    """A changed record is seen: what is found whole is what was written."""
    lines = data.splitlines(keepends=True)
    if not record.trouble(lines):
        head, rows = record.last(lines)
        assert record.trouble(lines, rows, head) == ""
        list(record.exported(lines))


def mapping_file(data: bytes) -> None:
    load(data.decode("utf-8", errors="replace"), "mapping.yaml")


def decisions_file(data: bytes) -> None:
    list(decisions.load(_kept("decisions.yaml", data)))


def project_file(data: bytes) -> None:
    _kept("mamigrate.toml", data)
    Project.open(_folder())
    toml.parse(data.decode("utf-8", errors="replace"), "mamigrate.toml")


def html_report(data: bytes) -> None:
    """A text in every text of a page: a parser finds the elements that it finds with a harmless one."""
    text = data.decode("utf-8", errors="surrogateescape")
    page = render.rollback_page(_filled(text), "en", ())
    assert elements(page).found == _harmless()


@cache
def _harmless() -> list[tuple[str, tuple[str, ...]]]:
    return elements(render.rollback_page(_filled("plain text"), "en", ())).found


def _filled(text: str) -> dict[str, Any]:
    finding = {
        "code": "parked",
        "severity": "warn",
        "subject": text,
        "params": {"reason": text, "detail": text, "field": text, "value": text},
    }
    told: dict[str, Any] = orjson.loads((CORPUS / "rollback.json").read_bytes())
    return {**told, "project": text, "version": text, "command": text, "findings": [finding]}


TARGETS: Mapping[str, Target] = {
    "hubspot_page": hubspot_page,
    "marketo_page": marketo_page,
    "judged": judged,
    "retry_after": retry_after,
    "next_link": next_link,
    "csv_of_facts": csv_of_facts,
    "email_keys": email_keys,
    "dates": dates,
    "booleans": booleans,
    "ledger_file": ledger_file,
    "landed_file": landed_file,
    "manifest_file": manifest_file,
    "evidence_file": evidence_file,
    "mapping_file": mapping_file,
    "decisions_file": decisions_file,
    "project_file": project_file,
    "html_report": html_report,
}


def fed(name: str, data: bytes) -> None:
    """One input. Errors that the program raises on purpose are answers."""
    try:
        TARGETS[name](data)
    except MamigrateError:
        return


# --- inputs ------------------------------------------------------------------------------------------------------------


def seeds(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


_PIECES = (
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"'", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"-1", b"1e999", b"NaN", b"{}", b"[]",
    b"\\ud800", b"\\u0000", b"@", b"\n", b"\r\n", b"=", b"&a", b"*a", b"!!python/object:x", b"<script>", b"{{7*7}}", b"\xe2\x80\xae", b"\xc3\xa9",
    b"9" * 40, b"(" * 40, b"2026-02-30", b"9999-12-31T23:59:59-14:00",
)  # fmt: skip


def changed(dice: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A seed with some of its bytes removed, repeated, replaced, swapped with those of another, or with odd pieces in it."""
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 4, 8))):
        at = dice.randrange(len(found) + 1)
        end = min(len(found), at + dice.choice((1, 1, 2, 4, 16, 64)))
        match dice.randrange(6):
            case 0:
                del found[at:end]
            case 1:
                found[at:at] = found[at:end]
            case 2 if at < len(found):
                found[at] = dice.randrange(256)
            case 3:
                other = dice.choice(others)
                start = dice.randrange(len(other) + 1)
                found[at:end] = other[start : start + dice.choice((4, 16, 64))]
            case _:
                found[at : at if dice.random() < 0.5 else end] = dice.choice(_PIECES)
    return bytes(found)


def inputs(name: str, seed: int) -> Iterator[bytes]:
    """The seeds of a target as they are, and then changed ones without end; the same for the same seed."""
    dice, known = random.Random(f"{name}-{seed}"), seeds(name)
    yield from known
    while True:
        yield changed(dice, dice.choice(known), known)
