"""People about whom a platform gave no answer that can be relied on: doubt denies, until somebody looks."""

from collections.abc import Iterable, Iterator

from mamigrate.consent.facts import WITHOUT_SCOPE
from mamigrate.contract import NeutralRow

FIELD = "unanswered"
"""How references of such facts end."""


def denials(keys: Iterable[str], connection: str) -> Iterator[NeutralRow]:
    """A fact of kind ``unparsed`` for each person: only an operator ends it."""
    for key in keys:
        reference = f"{connection}/person/{key}/{FIELD}"
        yield {
            **WITHOUT_SCOPE,
            "key": f"{reference}/person",
            "polarity": "-",
            "kind": "unparsed",
            "holder": "person",
            "person_key": key,
            "address_strict": None,
            "address_loose": None,
            "lo": None,
            "hi": None,
            "actor": "system",
            "proof": 0,
            "source_ref": reference,
            "raw": "",
        }
