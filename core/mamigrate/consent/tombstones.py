"""Denied addresses that can be known again and not be read: a keyed hash of each, with the kinds of its denials. Pure.

A plain hash of an address is guessed in minutes; one under a key is not without the key. Whoever holds both can ask whether
an address that they know was denied, and learns no other one.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping

import orjson

from mamigrate.consent import address

KEY_BYTES = 32
Tombstones = Mapping[str, frozenset[str]]
"""Kinds of denials by mark."""


def mark(key: bytes, loose: str) -> str:
    """HMAC-SHA256 of a loose address key, in hexadecimal."""
    return hmac.digest(key, loose.encode(errors="backslashreplace"), "sha256").hex()


def mark_of(key: bytes, text: str) -> str | None:
    """The mark of an address as somebody types it; None where there is none in it."""
    loose = address.loose(text)
    return mark(key, loose) if loose else None


def united(known: Tombstones, more: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """``known`` and (mark, kind of denial) of others. Nothing that is known is ever taken away."""
    found = dict(known)
    kinds: dict[frozenset[str], frozenset[str]] = {}
    for one, kind in more:
        both = found.get(one, frozenset()) | {kind}
        found[one] = kinds.setdefault(both, both)  # few sets for millions of marks
    return found


def lines(tombstones: Tombstones) -> Iterator[bytes]:
    """JSON Lines, sorted by mark: their order says nothing."""
    for one in sorted(tombstones):
        yield orjson.dumps({"mark": one, "kinds": sorted(tombstones[one])}) + b"\n"


def parse(content: Iterable[bytes]) -> dict[str, frozenset[str]]:
    """Raises ValueError for what ``lines`` did not write."""
    found: dict[str, frozenset[str]] = {}
    kinds: dict[frozenset[str], frozenset[str]] = {}
    for line in content:
        try:
            row = orjson.loads(line)
            told = frozenset(row["kinds"])
            found[str(row["mark"])] = kinds.setdefault(told, told)
        except (KeyError, TypeError, orjson.JSONDecodeError) as error:
            raise ValueError("no line of tombstones") from error
    return found
