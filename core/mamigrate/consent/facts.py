"""Facts that the core derives itself: from a person's blocking fields, and keys for facts of any source."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from mamigrate.consent import address, cause
from mamigrate.contract import Blocker, NeutralRow
from mamigrate.model.canonical import parse_datetime

SUSPENSION = timedelta(hours=24)
"""How long a suspended address is not mailed (Marketo: Email Suspended)."""

LISTED = "list:"
"""How the last part of a reference begins that leads to a list."""

OWN_ACTS = frozenset({"objection", "complaint", "topic_opt_out", "ads_objection", "refused"})
"""Kinds of denials that are the person's own act."""

WITHOUT_SCOPE: dict[str, Any] = {"channel": "email", "brand": "*", "topic": "*", "asset_class": "MKT", "until": None}


def hits(blocker: Blocker, values: dict[str, str], now: datetime) -> bool:
    """Whether a blocking field keeps the platform from mailing this person at ``now``."""
    value = values.get(blocker.field, "")
    if blocker.when == "not_true":
        return value != "true"
    # Doubt denies: a flag that is neither true nor false keeps the person unmailed.
    reached = value not in ("", "false") if blocker.when == "true" else bool(value)
    return reached and not _expired(blocker, values, now)


def _expired(blocker: Blocker, values: dict[str, str], now: datetime) -> bool:
    until = _until(blocker, values)
    return until is not None and until <= now


def _until(blocker: Blocker, values: dict[str, str]) -> datetime | None:
    if not blocker.hours_from:
        return None
    try:
        return parse_datetime(values[blocker.hours_from]) + SUSPENSION
    except (KeyError, ValueError, OverflowError):
        return None  # no end known: it lasts


def from_blockers(person: NeutralRow, blockers: Sequence[Blocker], source: str, now: datetime) -> Iterator[NeutralRow]:
    """A fact for every blocking field that holds, for each of its holders, and for each kind that a text of ours beside it names.

    What the text does not name as a wish of the person's is none. The time is only known to lie between the record's creation and its last change. ``source`` is
    ``connection/object`` for the facts' references.
    """
    values = person["values"]
    for blocker in blockers:
        if (blocker.field in values or blocker.when == "not_true") and hits(blocker, values, now):
            reference = f"{source}/{person['key']}/{blocker.field}"
            if not (blocker.cause and values.get(blocker.cause)):
                yield from _facts(blocker, person, reference, blocker.fact, _actor(blocker.fact))
                continue
            for kind, ours in cause.told(blocker, values):
                yield from _facts(blocker, person, reference, kind, "operator" if ours else _actor(kind))


def _actor(kind: str) -> str:
    return "subject" if kind in OWN_ACTS else "system"


def _facts(blocker: Blocker, person: NeutralRow, reference: str, kind: str, actor: str) -> Iterator[NeutralRow]:
    for holder in blocker.holders:
        if holder == "address" and person["email_loose"] is None:
            continue
        yield {
            # Written out, not joined from two: that costs three times as much.
            "channel": "email",
            "brand": "*",
            "topic": "*",
            "asset_class": blocker.asset_class,
            "key": f"{reference}/{holder}" if kind == blocker.fact else f"{reference}/{holder}/{kind}",
            "polarity": "-",
            "kind": kind,
            "holder": holder,
            "person_key": person["key"],
            "address_strict": person["email_strict"],
            "address_loose": person["email_loose"],
            "lo": person["created_at"],
            "hi": person["updated_at"],
            "until": _until(blocker, person["values"]) if blocker.hours_from else None,
            "actor": actor,
            "proof": 0,
            "source_ref": reference,
            "raw": person["values"].get(blocker.field, ""),
        }


def from_list(connection: str, listed: str, person: str, joined: datetime | None) -> NeutralRow:
    """The hold of a list whose members the platform leaves out of its mail. ``joined`` None: nobody knows since when."""
    reference = f"{connection}/person/{person}/{LISTED}{listed}"
    return {
        **WITHOUT_SCOPE, "key": f"{reference}/person", "polarity": "-", "kind": "source_hold", "holder": "person",
        "person_key": person, "address_strict": None, "address_loose": None, "lo": joined, "hi": joined,
        "actor": "operator", "proof": 1, "source_ref": reference, "raw": "",
    }  # fmt: skip


def with_keys(person: NeutralRow) -> NeutralRow:
    """The person with address keys from ``email``; the same row where it has them."""
    known = address.keys(person.get("email"))
    found = person.get("email_strict", ""), person.get("email_loose", ""), person.get("email_folded", "")
    if found == (known.strict, known.loose, known.folded):
        return person
    return {**person, "email_strict": known.strict, "email_loose": known.loose, "email_folded": known.folded}
