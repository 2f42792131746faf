"""History of another platform as custom activities: their types, writing them once, finding them again.

Sources: Adobe's developer docs, "Activities" and "Custom activities" (ten types, twenty attributes, write-once); how long which
activities stay: Adobe's data retention policy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from mamigrate.chunks import chunks
from mamigrate.contract import Change, HistoryRoom, HistoryType, NeutralRow, Outcome, Status
from mamigrate.errors import Indeterminate
from mamigrate.http.call import Rejected, Unreadable
from mamigrate.http.shapes import whole
from mamigrate_marketo import read, wire, write
from mamigrate_marketo.api import Api
from mamigrate_marketo.write import Part

TYPES, ATTRIBUTES = 10, 20
TEXT, WHOLE = 255, 30_000
"""Bytes of a text, and of all attributes of an activity. The vendor refuses more than 64 KB of them (1049), and how long a single
one may be, no page says: what a text area of people holds is taken."""
KEPT = timedelta(days=25 * 30)
"""25 months, rounded down: custom activities go 25 months after their own date."""
BEGAN = "2000-01-01T00:00:00Z"
LEADS = 30
"""People of one question to the log."""
_SHOWN = ("event", "source_key", "bot", "details")
_LONG = ("details",)


class History:
    """Types are asked for once, and again after some were made."""

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

    # --- types -------------------------------------------------------------------------------------------------------

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

    # --- activities --------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        """A call for each body that fits. Who does not stand there any more is refused one by one (1004)."""
        ids = self._types()
        unknown = {one.values["type"] for one in changes} - ids.keys()
        if unknown:
            return [write.rejected(one, "type", f"no approved type {one.values['type']}") for one in changes]
        found: list[Outcome] = []
        for part in write.parts(_activity(one, ids) for one in changes):
            inside = [changes[at] for at in part.positions]
            found += self._sent(inside, part)
        return found

    def _sent(self, changes: Sequence[Change], part: Part) -> list[Outcome]:
        try:
            found = write.outcomes(changes, wire.result(self._api.add_activities(part.encoded)), "marketoGUID")
        except (Indeterminate, Unreadable) as error:
            return write.doubtful(changes, str(error))
        except Rejected as error:
            return [write.rejected(one, error.code, error.said) for one in changes]
        return [_of_person(change, one) for change, one in zip(changes, found, strict=True)]

    def _types(self) -> dict[str, int]:
        """Ids of approved types by name."""
        if self._ids is None:
            told = wire.result(wire.parse(self._api.activity_types().body))
            self._ids = {wire.text(one, "apiName"): whole(one, "id") for one in told if wire.text(one, "apiName")}
        return self._ids

    def find(self, people: Sequence[str], names: Sequence[str]) -> list[NeutralRow]:
        """Activities of these types, all where none is named, of these people."""
        ids = self._types()
        wanted = {ids[name]: name for name in names or ids if name in ids}
        if not wanted:
            return []
        found: list[NeutralRow] = []
        for part in chunks(dict.fromkeys(people), LEADS):
            found += [_row(one, wanted) for one in self._log(list(wanted), part)]
        return found

    def _log(self, types: Sequence[int], leads: Sequence[str]) -> Iterator[wire.Json]:
        token: str | None = wire.id_of(wire.parse(self._api.paging_token(BEGAN).body), "nextPageToken")
        seen = set[str]()
        while token is not None:
            if token in seen:
                raise Unreadable("its pages go in a circle")
            seen.add(token)
            data = wire.parse(self._api.activities(token, types, leads).body)
            yield from wire.result(data)
            token = wire.token(data)


def _definition(type: HistoryType) -> wire.Json:
    """Names are shown to marketers in triggers and filters. (Adobe's developer docs, "Custom activities")"""
    return {
        "apiName": type.name,
        "name": type.label,
        "triggerName": f"Gets {type.label}",
        "filterName": f"Had {type.label}",
        "description": "made by mamigrate",
        "primaryAttribute": {"apiName": type.primary, "name": _label(type.primary)},
    }


def _attribute(name: str) -> wire.Json:
    return {"apiName": name, "name": _label(name), "dataType": "text" if name in _LONG else "string"}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _activity(change: Change, ids: dict[str, int]) -> wire.Json:
    values = {name: value for name, value in change.values.items() if name not in ("type", "at", "primary")}
    return {
        "leadId": int(change.links["person"][0]),
        "activityDate": change.values["at"],
        "activityTypeId": ids[change.values["type"] or ""],
        "primaryAttributeValue": change.values["primary"],
        "attributes": [{"apiName": name, "value": value} for name, value in values.items() if value],
    }


def _of_person(change: Change, outcome: Outcome) -> Outcome:
    """The key of an activity names its person: it goes when the person goes."""
    key = f"{change.links['person'][0]}/{outcome.target_key}" if outcome.target_key else None
    return replace(outcome, target_key=key)


def _row(one: wire.Json, names: dict[int, str]) -> NeutralRow:
    """An activity as the neutral row. The references show attributes by their labels; where an instance tells their API names,
    or those alone, they are found as well: what is not found would be written again.
    """
    told = {
        _plain(wire.text(each, "apiName") or wire.text(each, "name")): wire.text(each, "value")
        for each in wire.listed(one, "attributes")
    }
    type = names.get(whole(one, "activityTypeId"), "")
    return {
        "key": f"{wire.id_of(one, 'leadId')}/{wire.id_of(one, 'marketoGUID')}",
        "person_key": wire.id_of(one, "leadId"),
        "activity_type": f"other.{type}",
        "happened_at": read.moment(one, "activityDate"),
        "address_loose": None,
        "subject_key": None,
        "bot": told.get("bot") == "true",
        "values": {name: told[name] for name in _SHOWN if name in told},
    }


def _plain(name: str) -> str:
    """A label as the API name that it was made of."""
    return name.lower().replace(" ", "_")
