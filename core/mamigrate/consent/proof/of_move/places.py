"""Where the target says yes or no to a topic, and what the fields of a record mean for each cell. Few, whoever the people are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from mamigrate.consent.proof.tables import SCHEMAS, SCOPE
from mamigrate.consent.scope import ALL, FLAT, OWN, Scope

GLUE = "\n"
"""Stands between the names of fields in one text: no platform has it in a name."""


class Place(NamedTuple):
    """A topic of the source and one of its places on the target. ``field`` None: the target says nothing of it alone.

    ``asks``: mail of the topic needs a grant. ``polarity`` is ``opt_out`` (true denies) or ``opt_in`` (only true allows).
    """

    brand: str
    topic: str
    asset_class: str
    asks: bool
    field: str | None
    polarity: str = "opt_out"


EVERYTHING = Place(ALL, ALL, "MKT", False, None)
"""The one cell of a source without topics of marketing."""

Cells = dict[Scope, list[Place]]


def cells(places: Iterable[Place]) -> Cells:
    """Places by cell. A topic that asks for a grant and has no place is mailed by nobody there: no cell."""
    found: Cells = {}
    for place in places:
        if place.field is not None or not place.asks:
            found.setdefault(Scope("email", place.brand, place.topic, place.asset_class), []).append(place)
    if not any(scope.asset_class == "MKT" and not scope.topic.startswith(OWN) for scope in found):
        found[Scope()] = [EVERYTHING]
    return found


def topics(known: Cells) -> pa.Table:
    """The proof's ``topics``, with ``channel``."""
    rows = [{"population": 0, **scope._asdict(), "asks": some[0].asks} for scope, some in known.items()]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["topics"].append(pa.field("channel", pa.string())))


def covers(found: Iterable[Scope], known: Cells) -> pa.Table:
    """The proof's ``covers`` over all scopes of facts, all cells, and everything; of every class of mail too, as some kinds are."""
    every = {*found, *known, Scope()}
    every |= {scope._replace(asset_class=ALL) for scope in every}
    pairs = [(wide, narrow) for wide in sorted(every) for narrow in every if FLAT.covers(wide, narrow)]
    rows = [
        {**wide._asdict(), **{f"under_{name}": text for name, text in narrow._asdict().items()}, "permits": _permits(wide, narrow)}
        for wide, narrow in pairs
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMAS["covers"])


def _permits(wide: Scope, narrow: Scope) -> bool:
    return not narrow.topic.startswith(OWN) and FLAT.permits(wide, narrow)


_SHAPES = pa.schema([("shape", pa.string()), *((name, pa.string()) for name in SCOPE), ("is_open", pa.bool_()), ("enrolled", pa.bool_()), ("held", pa.bool_())])  # fmt: skip


def shapes(marked: Iterable[str], known: Cells) -> pa.Table:
    """What each set of fields that read ``true`` (names joined by GLUE) says of each cell: (shape, scope, is_open, enrolled, held)."""
    rows = [_shape(text, scope, some) for text in marked for scope, some in known.items()]
    return pa.Table.from_pylist(rows, schema=_SHAPES)


def _shape(text: str, scope: Scope, some: Sequence[Place]) -> dict[str, Any]:
    marked = set(text.split(GLUE))
    opens = [place.field is None or (place.field in marked) == (place.polarity == "opt_in") for place in some]
    enrolled = any(place.polarity == "opt_in" and place.field in marked for place in some)
    return {"shape": text, **scope._asdict(), "is_open": any(opens), "enrolled": enrolled, "held": not any(opens)}


ANY = "*|*"
"""The cell of a permit that says no more than that there was one."""

_WRITTEN = pa.schema([("shape", pa.string()), *((name, pa.string()) for name in SCOPE), *((name, pa.bool_()) for name in ("denied", "enrolled", "permitted"))])  # fmt: skip


def written(found: Iterable["Wrote"], known: Cells) -> pa.Table:
    """What each kind of write set of each cell: (shape, scope, denied, enrolled); null was left alone. ``permitted``: with a permit."""
    rows = [
        {
            "shape": wrote.shape,
            **scope._asdict(),
            "denied": _denied(wrote, some),
            "enrolled": _enrolled(wrote, some),
            "permitted": _permitted(wrote, scope),
        }
        for wrote in found
        for scope, some in known.items()
    ]
    return pa.Table.from_pylist(rows, schema=_WRITTEN)


class Wrote(NamedTuple):
    """One kind of write: whether it made the record and denied it as a whole, topics' fields that it closed and opened, and
    (field, ``brand|topic``) of the permits that it was sent with.
    """

    made: bool
    wide: bool
    closed: tuple[str, ...]
    granted: tuple[str, ...]
    permits: tuple[tuple[str, str], ...] = ()

    @property
    def shape(self) -> str:
        permits = (f"{field}={cell}" for field, cell in self.permits)
        return GLUE.join([f"{self.made:d}{self.wide:d}", *self.closed, "+", *self.granted, "+", *permits])


def _denied(wrote: Wrote, some: Sequence[Place]) -> bool | None:
    return True if wrote.wide or all(_shut(wrote, place) for place in some) else None


def _shut(wrote: Wrote, place: Place) -> bool:
    """A record that is new says no wherever it takes a yes to be mailed."""
    if place.field is None:
        return False
    return place.field in wrote.closed or (
        wrote.made and place.polarity == "opt_in" and place.field not in wrote.granted
    )


def _enrolled(wrote: Wrote, some: Sequence[Place]) -> bool | None:
    return True if any(place.polarity == "opt_in" and place.field in wrote.granted for place in some) else None


def _permitted(wrote: Wrote, scope: Scope) -> bool:
    return any(cell in (ANY, f"{scope.brand}|{scope.topic}") for field, cell in wrote.permits if field in wrote.granted)


def brand_rules(known: Cells, *, signed: bool) -> pa.Table:
    """The proof's ``brand_rules``: types of several brands that a signed mapping keeps in one field. A no to one closes them all."""
    brands: dict[str, set[str]] = {}
    for scope, some in known.items():
        for place in (one for one in some if one.field is not None and scope.brand != ALL):
            brands.setdefault(place.field or "", set()).add(scope.brand)
    pairs = {(one, other) for found in brands.values() for one in found for other in found if one != other and signed}
    rows = [{"population": 0, "brand": one, "into": other} for one, other in sorted(pairs)]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["brand_rules"])


_OWN = pa.schema([("field", pa.string()), *((name, pa.string()) for name in SCOPE)])


def own(known: Cells) -> pa.Table:
    """(field, scope): topics that only the target has, each with the field whose ``true`` closes it."""
    found = ((place.field, scope) for scope, some in known.items() for place in some if scope.topic.startswith(OWN))
    return pa.Table.from_pylist([{"field": field, **scope._asdict()} for field, scope in found], schema=_OWN)


def fields(known: Cells) -> Iterator[str]:
    """Fields of the target that hold topics, each once."""
    yield from dict.fromkeys(place.field for some in known.values() for place in some if place.field is not None)
