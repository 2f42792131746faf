"""Consent facts as rows: whom they are about, and what is said where a vendor says nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from mamigrate.consent.address import keys
from mamigrate.contract import NeutralRow
from mamigrate.model.canonical import parse_datetime

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before this nobody left anything here: an earlier instant is none, and what it dates is undated."""

UNKNOWN = ("system", 1)
"""Who acted, and what the record proves (0 to 4), where the source of a record is none that is known."""


class Holder(NamedTuple):
    """Whom a fact is about: an address, and the people known to have it."""

    address: str
    people: Sequence[str]


def moment_of(stamp: str) -> datetime | None:
    """The instant that a text tells; None where it tells none."""
    try:
        found = parse_datetime(stamp) if stamp else None
    except ValueError:
        return None
    return found if found and found >= _FIRST else None


def denials(ref: str, holder: Holder, **fact: object) -> Iterator[NeutralRow]:
    """A record that knows both the person and the address makes a fact for each; one that knows neither is a denial still."""
    held = _fact(f"{ref}/address/{'+'.join(holder.people)}", ref, holder, "address", None, polarity="-", **fact)
    if holder.address or not holder.people:
        yield held
    for person in holder.people:
        yield {**held, "key": f"{ref}/person/{person}", "holder": "person", "person_key": person}


def grant(ref: str, holder: Holder, **fact: object) -> NeutralRow:
    """A grant is held by the pair of person and address, and never spreads to another address: one fact."""
    person = holder.people[0] if len(holder.people) == 1 else None
    return _fact(f"{ref}/address/{'+'.join(holder.people)}", ref, holder, "address", person, polarity="+", **fact)


_UNSAID: NeutralRow = {
    "channel": "email",
    "brand": "*",
    "topic": "*",
    "asset_class": "MKT",
    "lo": None,
    "hi": None,
    "until": None,
    "actor": "subject",
    "proof": 0,
    "raw": "",
}
"""What holds of a fact where nothing else is told."""


def _fact(key: str, ref: str, holder: Holder, held_by: str, person: str | None, **fact: object) -> NeutralRow:
    address = keys(holder.address)
    return {
        **_UNSAID,
        "key": key,
        "holder": held_by,
        "person_key": person if person or len(holder.people) != 1 else holder.people[0],
        "address_strict": address.strict,
        "address_loose": address.loose,
        "source_ref": ref,
        **fact,
    }
