"""Records of others as a HubSpot account would keep them: every property is defined, and values are in HubSpot's own forms."""

from collections.abc import Mapping

from mamigrate_sandbox.estates import hubspot_fields
from mamigrate_sandbox.hubspot import values
from mamigrate_sandbox.store import Body, Store


def records(store: Store) -> None:
    """Define what records bear and nobody defined, as texts, and rewrite values that HubSpot writes otherwise.

    A value that HubSpot would refuse stays as it came: accounts hold such values from before a property changed its type.
    """
    with store.transaction():
        for kind in ("contacts", "companies", "deals"):
            known = dict(store.all(f"properties/{kind}"))
            for id, body in store.all(kind):
                for name in body["properties"].keys() - known.keys():
                    known[name] = hubspot_fields.definition(name, name, "string", "text")
                    hubspot_fields.ensure(store, kind, known[name])
                body["properties"] = {name: _kept(known, name, text) for name, text in body["properties"].items()}
                store.put(kind, id, body)


def _kept(known: Mapping[str, Body], name: str, text: str) -> str:
    try:
        return values.settle(known[name], text, None)
    except values.Wrong:
        return text
