"""A consent record in the terms of ISO/IEC TS 27560 (header, processing, party, event) and of the W3C Data Privacy Vocabulary.

Records are lines of JSON with sorted keys. Each holds the hash of the one before and its own, over everything else in it, so
that nothing can be changed, dropped, added or moved without the last hash, the head, being another one.

No address stands in a record: whoever has the key, which does not leave the project, knows again what they ask for.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from mamigrate.consent.declared import MARK
from mamigrate.consent.proof.words import TARGET

SCHEMA = "mamigrate-consent-record/4"
BEGIN = "0" * 64
"""What stands before the first record."""

_ADDRESS = re.compile(
    r"""[^\s@＠<>"'`,;:()\[\]{}|\\/=][^\s@＠<>"`,;:()\[\]{}|\\/=]*[@＠][^\s@＠<>"'`,;:()\[\]{}|\\/=]+"""
)
"""Anything that looks like an address in running text."""
HIDDEN = "hmac:"
"""What stands before the name of an address, where the text held the address."""
SUBJECT = "subject"
_BY_SUBJECT, _BY_OTHERS = "dpv:ConsentWithdrawn", "dpv:ConsentRevoked"
UNKNOWN = "dpv:ConsentUnknown"
STATUS = {
    "grant": "dpv:ConsentGiven",
    "implied_grant": "dpv:ConsentUnknown",
    "reconfirmed": "dpv:RenewedConsentGiven",
    "pending": "dpv:ConsentRequested",
    "refused": "dpv:ConsentRefused",
    "unparsed": "dpv:ConsentUnknown",
    "undeliverable": "dpv:ConsentUnknown",
    "no_basis": "dpv:ConsentUnknown",
}
"""Consent statuses of DPV by kind of fact; every other denial was withdrawn by the person, or revoked by somebody else."""
CONSENT, INTEREST = "dpv:Consent", "dpv:LegitimateInterest"
LEGAL_BASIS = {"grant": CONSENT, "reconfirmed": CONSENT, "implied_grant": INTEREST}
"""Legal bases of DPV by kind of grant: what a company claims for itself was given by nobody."""
RULE = "consent.basis/"
"""How a basis rule of the project is named; its basis follows."""
METHODS = {0: "flag", 1: "flag_of_known_source", 2: "dated_event", 3: "dated_event_with_notice", 4: "double_opt_in"}
"""How it is known, by level of proof."""

STRICT = "strict:"
"""What stands before an address, as it is spelled, when it is named: its loose form has another name."""

ADDRESS, SPELLING, PERSON = "address", "spelling", "person"
"""What the principal of a record is the name of: an address in its loose form, or where there is none what there is."""

NOTICE = {"id": "notice", "version": "notice_version", "text_sha256": "notice_hash"}
"""What a record says of the text that was shown, by the fact's column."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for every record of one export. ``topics`` and ``places`` are names on either side, by topic.
    ``declared_by``: how ids of the decisions begin that say what columns mean. ``signed``: who signed packs and basis rules.
    ``target`` are instance and system of what stood there.
    ``mapping`` is the hash of the mapping, ``adapter`` name and version of what read the source.
    """

    key: bytes
    controller: str
    instance: str
    system: str
    observed: datetime
    version: str
    topics: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    declared_by: str = ""
    signed: str = ""
    mapping: str = ""
    adapter: str = ""
    target: tuple[str, str] = ("", "")


def principal(key: bytes, who: str) -> str:
    """A person or an address that only the holder of the key recognises: a plain hash of an address can be guessed."""
    return hmac.new(key, who.encode(), hashlib.sha256).hexdigest()


def sealed(key: bytes, hash: str) -> str:
    """The hash of a fact, which its address could be guessed from by whoever reads the rest of the record."""
    return principal(key, f"fact:{hash}")


def hidden(key: bytes, text: str, row: Mapping[str, Any]) -> str:
    """A text with no address in it: neither what ``row`` has for one, whatever it looks like, nor what looks like one."""

    def named(found: re.Match[str]) -> str:
        return HIDDEN + principal(key, found.group())

    for known in {row["address_strict"], row["address_loose"]} - {None, ""}:
        if not _ADDRESS.fullmatch(known) and known.casefold() in text.casefold():
            text = re.sub(re.escape(known), named, text, flags=re.IGNORECASE)
    return _ADDRESS.sub(named, text)


def status(kind: str, actor: str, *, ended: bool, proof: int = 1) -> str:
    if ended and kind in ("grant", "reconfirmed"):
        return "dpv:ConsentExpired"
    if _bare(kind, proof):
        return UNKNOWN
    return STATUS.get(kind) or (_BY_SUBJECT if actor == SUBJECT else _BY_OTHERS)


def _bare(kind: str, proof: int) -> bool:
    """Whether a grant is a flag and no more: nothing says that anybody consented."""
    return kind == "grant" and proof == 0


def record(row: Mapping[str, Any], about: Context) -> dict[str, Any]:
    """One fact as a record. ``row`` is one of ``facts`` with ``raw``, the notice and ``superseded_by``."""
    ended = row["until"] is not None and row["until"] <= about.observed
    told = {name: hidden(about.key, row[name] or "", row) for name in ("key", "source_ref", "raw")}
    return {
        "header": {
            "record_id": told["key"],
            "schema_version": SCHEMA,
            "principal": principal(
                about.key, row["address_loose"] or row["address_strict"] or f"person:{row['person']}"
            ),
            "principal_of": ADDRESS if row["address_loose"] else SPELLING if row["address_strict"] else PERSON,
            "cluster": principal(about.key, f"person:{row['person']}") if row["person"] else None,
            "address": principal(about.key, f"{STRICT}{row['address_strict']}") if row["address_strict"] else None,
            "fact_hash": sealed(about.key, row["hash"]),
            "decisions": list(_decisions(row, about)),
            "tool_version": about.version,
            "adapter_version": about.adapter,
        },
        "processing": {
            "purpose": "dpv:DirectMarketing",
            "legal_basis": None if _bare(row["kind"], row["proof"]) else LEGAL_BASIS.get(row["kind"]),
            "basis": row.get("basis") or None,
            "regimes": list(row.get("regimes") or ()),
            "channel": row["channel"],
            "brand": row["brand"],
            "topic": row["topic"],
            "topic_source_name": about.topics.get(row["topic"]),
            "topic_target_name": about.places.get(row["topic"]),
            "mapping_hash": about.mapping,
            "asset_class": row["asset_class"],
        },
        "party": {"controller": about.controller, "holder": row["holder"], "actor": row["actor"]},
        "event": _event(row, about, ended=ended),
        "notice": _notice(row, about.key),
        "source": _source(told["source_ref"], told["raw"], about, there=row["key"].startswith(TARGET)),
    }


def _decisions(row: Mapping[str, Any], about: Context) -> Iterator[str]:
    """What somebody signed that the fact follows from: what a column means, or what a value says of how an address was got."""
    if MARK in row["key"]:
        yield f"{about.declared_by}{_field(row)}"
    if row.get("basis"):
        yield f"{RULE}{row['basis']}: {about.signed}"


def _event(row: Mapping[str, Any], about: Context, *, ended: bool) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "polarity": row["polarity"],
        "state": status(row["kind"], row["actor"], ended=ended, proof=row["proof"]),
        "method": METHODS.get(row["proof"], "flag"),
        "proof": row["proof"],
        "t_event": {"lo": row["lo"], "hi": row["hi"]},
        "t_observed": about.observed,
        "valid_from": row["lo"],
        "valid_until": row["until"],
        "superseded_by": [hidden(about.key, one, row) for one in row["superseded_by"] or ()],
    }


def _notice(row: Mapping[str, Any], key: bytes) -> dict[str, Any] | None:
    """The form or the notice that was shown, where the source tells it: what Japan asks a sender to keep an address.

    Its name is free text on some platforms.
    """
    told = {name: hidden(key, row.get(column) or "", row) for name, column in NOTICE.items()}
    return told if any(told.values()) else None


def _source(reference: str, raw: str, about: Context, *, there: bool) -> dict[str, Any]:
    """What the fact's reference says: ``connection/object/id/field``; the id may hold slashes. ``there``: it stood on the target."""
    parts = reference.split("/")
    known = len(parts) > 3
    instance, system = about.target if there else (about.instance, about.system)
    return {
        "system": system,
        "instance": instance,
        "reference": reference,
        "object": parts[1] if known else None,
        "id": "/".join(parts[2:-1]) if known else None,
        "field": parts[-1] if known else None,
        "raw": raw,
    }


def _field(row: Mapping[str, Any]) -> str:
    return str(row["source_ref"]).rpartition("/")[2]


class Chain:
    """Lines of a file, one after another. ``head`` is the hash of the last one, ``rows`` how many there are."""

    def __init__(self) -> None:
        self.head, self.rows = BEGIN, 0

    def line(self, content: Mapping[str, Any]) -> bytes:
        linked = {**content, "previous_hash": self.head}
        self.head = _hash(linked)
        self.rows += 1
        return _text({**linked, "row_hash": self.head}) + b"\n"


def trouble(lines: Iterable[bytes], rows: int | None = None, head: str | None = None) -> str:
    """What is wrong with a file, or nothing. ``rows`` and ``head`` are those that were kept apart when it was written.

    Without them an end that was cut off, or a whole file made anew, cannot be seen.
    """
    chain = Chain()
    for number, line in enumerate(lines, 1):
        try:
            found = orjson.loads(line)
            said = found.pop("row_hash")
            whole = found.pop("previous_hash") == chain.head and chain.line(found) == line and said == chain.head
        except (ValueError, KeyError, AttributeError, TypeError):
            whole = False
        if not whole:
            return f"line {number} is not what was written there"
    if rows is not None and rows != chain.rows:
        return f"there are {chain.rows} lines, and {rows} were written"
    return "" if head is None or head == chain.head else "the last line is not the one that was written"


def last(lines: Iterable[bytes]) -> tuple[str, int]:
    """The head and the number of the lines of a file that is whole."""
    found, rows = BEGIN, 0
    for line in lines:
        found, rows = orjson.loads(line)["row_hash"], rows + 1
    return found, rows


def exported(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """What the proof compares: (sealed, lo, hi) of each record."""
    for line in lines:
        one = orjson.loads(line)
        when = one["event"]["t_event"]
        lo, hi = (None if when[name] is None else datetime.fromisoformat(when[name]) for name in ("lo", "hi"))
        yield {"sealed": one["header"]["fact_hash"], "lo": lo, "hi": hi}


def people(key: bytes, loose: str, lines: Iterable[bytes]) -> set[str]:
    """The names of the people to whom records of an address belong."""
    who, heads = principal(key, loose), (orjson.loads(line)["header"] for line in lines)
    return {head["cluster"] for head in heads if head["principal"] == who and head["cluster"]}


def of(key: bytes, loose: str, lines: Iterable[bytes], people: Collection[str]) -> Iterator[bytes]:
    """The lines about an address, and about any of ``people``."""
    who = principal(key, loose)
    for line in lines:
        head = orjson.loads(line)["header"]
        if head["principal"] == who or head["cluster"] in people:
            yield line


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(content)).hexdigest()


def _text(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
