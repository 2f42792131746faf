"""History of another platform as custom activities: writing them once, finding them again.

Source: Adobe's developer docs, "Activities" and "Custom activities".
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mamigrate.chunks import chunks
from mamigrate.contract import Change, NeutralRow, Outcome
from mamigrate.errors import Indeterminate
from mamigrate.http.call import Rejected, Unreadable
from mamigrate.http.shapes import whole
from mamigrate_marketo import read, wire, write
from mamigrate_marketo.api import Api
from mamigrate_marketo.history_types import HistoryTypes
from mamigrate_marketo.write import Part

BEGAN = "2000-01-01T00:00:00Z"
LEADS = 30
"""People of one question to the log."""
_SHOWN = ("event", "source_key", "bot", "details")


class History:
    """Written once; found by the people whom it is of."""

    def __init__(self, api: Api, types: HistoryTypes) -> None:
        self._api, self._types = api, types

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        """A call for each body that fits. Who does not stand there any more is refused one by one (1004)."""
        ids = self._types.ids()
        known = [one for one in changes if one.values["type"] in ids]
        sent: list[Outcome] = []
        for part in write.parts(_activity(one, ids) for one in known):
            sent += self._sent([known[at] for at in part.positions], part)
        by_change = dict(zip(map(id, known), sent, strict=True))
        return [by_change.get(id(one)) or _of_no_type(one) for one in changes]

    def _sent(self, changes: Sequence[Change], part: Part) -> list[Outcome]:
        try:
            found = write.outcomes(changes, wire.result(self._api.add_activities(part.encoded)), "marketoGUID")
        except (Indeterminate, Unreadable) as error:
            return write.doubtful(changes, str(error))
        except Rejected as error:
            return [write.rejected(one, error.code, error.said) for one in changes]
        return [_of_person(change, one) for change, one in zip(changes, found, strict=True)]

    def find(self, people: Sequence[str], names: Sequence[str]) -> list[NeutralRow]:
        """Activities of these types, all where none is named, of these people."""
        ids = self._types.ids()
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


def _activity(change: Change, ids: dict[str, int]) -> wire.Json:
    values = {name: value for name, value in change.values.items() if name not in ("type", "at", "primary")}
    return {
        "leadId": int(change.links["person"][0]),
        "activityDate": change.values["at"],
        "activityTypeId": ids[change.values["type"] or ""],
        "primaryAttributeValue": change.values["primary"],
        "attributes": [{"apiName": name, "value": value} for name, value in values.items() if value],
    }


def _of_no_type(change: Change) -> Outcome:
    return write.rejected(change, "type", f"no approved type {change.values['type']}")


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
