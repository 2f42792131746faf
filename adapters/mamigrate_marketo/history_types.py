"""Types of custom activities: what there is room for, making them.

Sources: Adobe's developer docs, "Custom activities" (ten types, twenty attributes); how long activities stay: Adobe's data
retention policy.
"""

from collections.abc import Sequence
from datetime import timedelta

from mamigrate.contract import Change, HistoryRoom, HistoryType, Outcome, Status
from mamigrate.errors import Indeterminate
from mamigrate.http.call import Rejected, Unreadable
from mamigrate.http.shapes import whole
from mamigrate_marketo import read, wire, write
from mamigrate_marketo.api import Api

TYPES, ATTRIBUTES = 10, 20
TEXT, WHOLE = 255, 30_000
"""Bytes of a text, and of all attributes of an activity. The vendor refuses more than 64 KB of them (1049), and how long a single
one may be, no page says: what a text area of people holds is taken."""
KEPT = timedelta(days=25 * 30)
"""25 months, rounded down: custom activities go 25 months after their own date."""
_LONG = ("details",)


class HistoryTypes:
    """Ids are asked for once, and again after some were made."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: dict[str, int] | None = None

    def room(self) -> HistoryRoom:
        told = wire.result(wire.parse(self._api.custom_types().body))
        standing = {wire.text(one, "apiName"): self._attributes(wire.text(one, "apiName")) for one in told}
        return HistoryRoom(max(0, TYPES - len(told)), ATTRIBUTES, standing, TEXT, WHOLE, KEPT)

    def _attributes(self, name: str) -> tuple[str, ...]:
        described = read.first(wire.parse(self._api.custom_type(name).body))
        return tuple(wire.text(one, "apiName") for one in wire.listed(described, "attributes"))

    def define(self, types: Sequence[HistoryType]) -> list[Outcome]:
        self._ids = None
        return [self._defined(one) for one in types]

    def _defined(self, type: HistoryType) -> Outcome:
        """Made, filled up and approved, as far as it is not yet. A reply that was lost is found out by asking."""
        change = Change(type.name, None, {})
        try:
            return self._made(type)
        except (Indeterminate, Unreadable) as error:
            return write.doubtful([change], str(error))[0]
        except Rejected as error:
            return write.rejected(change, error.code, error.said)

    def _made(self, type: HistoryType) -> Outcome:
        found = self._standing(type.name)
        if found is None:
            self._api.create_type(_definition(type))
            found = self._standing(type.name) or {}
        there = {wire.text(one, "apiName") for one in wire.listed(found, "attributes")}
        missing = [name for name in type.attributes if name not in there]
        if missing:
            self._api.create_attributes(type.name, [_attribute(name) for name in missing])
        if missing or wire.text(found, "status") != "approved":
            self._api.approve_type(type.name)
            return Outcome(type.name, Status.CREATED, type.name)
        return Outcome(type.name, Status.EQUAL, type.name)

    def _standing(self, name: str) -> wire.Json | None:
        """As it is described, the draft where there is one; None where there is no such type."""
        told = wire.result(wire.parse(self._api.custom_types().body))
        if not any(wire.text(one, "apiName") == name for one in told):
            return None
        return read.first(wire.parse(self._api.custom_type(name, draft=True).body))

    def ids(self) -> dict[str, int]:
        """Ids of approved types by name."""
        if self._ids is None:
            told = wire.result(wire.parse(self._api.activity_types().body))
            self._ids = {wire.text(one, "apiName"): whole(one, "id") for one in told if wire.text(one, "apiName")}
        return self._ids


def _definition(type: HistoryType) -> wire.Json:
    """Names are shown to marketers in triggers and filters. (Adobe's developer docs, "Custom activities")"""
    return {
        "apiName": type.name,
        "name": type.label,
        "triggerName": f"Gets {type.label}",
        "filterName": f"Had {type.label}",
        "description": "made by mamigrate",
        "primaryAttribute": {"apiName": type.primary, "name": label(type.primary)},
    }


def _attribute(name: str) -> wire.Json:
    return {"apiName": name, "name": label(name), "dataType": "text" if name in _LONG else "string"}


def label(name: str) -> str:
    return name.replace("_", " ").capitalize()
