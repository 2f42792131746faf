"""Properties of a contact that mirror what it left, as consent facts."""

from collections.abc import Iterable, Iterator

from mamigrate.contract import NeutralRow

MIRROR = "hs_email_optout_"


def mirrors(names: Iterable[str]) -> list[str]:
    """Which properties mirror topics (``hs_email_optout_<id>``)."""
    return sorted(name for name in names if name.startswith(MIRROR))


def mirrored(connection: str, person: NeutralRow, mirrors: Iterable[str]) -> Iterator[NeutralRow]:
    """Topic opt-outs that a contact mirrors, dated between creation and update.

    A mirror that says neither true nor false is a denial that could not be read. As ``denials``, but written out: most
    facts are these.
    """
    key, values = person["key"], person["values"]
    for name in filter(values.__contains__, mirrors):
        value = values[name]
        if value == "false":
            continue
        ref = f"{connection}/contact/{key}/{name}"
        held = {
            "channel": "email",
            "brand": "*",
            "topic": name[len(MIRROR) :],
            "asset_class": "MKT",
            "lo": person["created_at"],
            "hi": person["updated_at"],
            "until": None,
            "actor": "subject",
            "proof": 0,
            "raw": value,
            "key": f"{ref}/address/{key}",
            "holder": "address",
            "person_key": key,
            "address_strict": person["email_strict"],
            "address_loose": person["email_loose"],
            "source_ref": ref,
            "polarity": "-",
            "kind": "topic_opt_out" if value == "true" else "unparsed",
        }
        theirs = held.copy()
        theirs["key"], theirs["holder"] = f"{ref}/person/{key}", "person"
        yield theirs
        if person["email"]:
            yield held
