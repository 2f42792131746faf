"""Whether a fact about somebody counts, and why not: each fact with one word. Pure, over the few rows of one person."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mamigrate.consent.kinds import LIFTING

DENIES, DENIES_ADDRESS, LIFTED, PARTLY_LIFTED = "denies", "denies_address", "lifted", "lifted_in_part"
OVER, OTHER_CHANNEL, OF_NOBODY = "over", "other_channel", "of_nobody"
GRANTS, NOT_YET, OTHER_ADDRESS, NOT_ALL, IMPLIED, WAITS, ADDRESS_ALONE = (
    "grants",
    "not_yet",
    "other_address",
    "not_every_record",
    "claimed",
    "waits",
    "address_alone",
)
COUNTING = frozenset({DENIES, DENIES_ADDRESS, PARTLY_LIFTED, GRANTS})
"""Words of facts that count. Every other word says why a fact does not."""

MAIL = ("email", "*")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What was judged of a population, as far as it concerns one person.

    ``denied``: facts that deny somebody, with the people they deny. ``lifted``: (fact, cell) with the grants that ended it
    there, ``left``: of those facts the ones that still hold somewhere. ``strict``: each record's own address. ``granted``:
    each record's granted cells, ``brand|topic``.
    """

    now: datetime
    denied: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lifted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left: Collection[str] = ()
    strict: Mapping[str, str | None] = field(default_factory=dict)
    granted: Mapping[str, Collection[str]] = field(default_factory=dict)


def word(fact: Row, known: Known) -> str:
    """One of the words above."""
    if fact["polarity"] == "0":
        return WAITS
    if fact["channel"] not in MAIL:
        return OTHER_CHANNEL
    if fact["until"] is not None and fact["until"] <= known.now:
        return OVER
    return _denial(fact, known) if fact["polarity"] == "-" else _grant(fact, known)


def _denial(fact: Row, known: Known) -> str:
    if fact["key"] in known.lifted:
        return PARTLY_LIFTED if fact["key"] in known.left else LIFTED
    if known.denied.get(fact["key"]):
        return DENIES
    return DENIES_ADDRESS if fact["holder"] == "address" and fact["address_loose"] is not None else OF_NOBODY


def _grant(fact: Row, known: Known) -> str:
    if fact["lo"] is not None and fact["lo"] > known.now:
        return NOT_YET
    if fact["kind"] not in LIFTING:
        return IMPLIED
    if fact["person_key"] is None and fact["address_strict"] is not None:
        return ADDRESS_ALONE
    if fact["person_key"] not in known.strict:
        return OF_NOBODY
    own = known.strict[fact["person_key"]]
    if own is None or own != fact["address_strict"]:
        return OTHER_ADDRESS
    cell = f"{fact['brand']}|{fact['topic']}"
    return GRANTS if cell in known.granted.get(fact["person_key"], ()) else NOT_ALL


def by_grant(lifted: Iterable[Row]) -> dict[str, list[str]]:
    """The denials that each grant ended. ``lifted`` has (fact, grant)."""
    found: dict[str, list[str]] = {}
    for row in lifted:
        if row["fact"] not in found.setdefault(row["grant"], []):
            found[row["grant"]].append(row["fact"])
    return found
