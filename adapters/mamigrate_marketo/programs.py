"""Programs: where they may stand, making and changing them, finding them again by their mark, deleting what is empty.

Source: Adobe's developer docs, "Programs", "Folders", "Tags" and "Program members", and the API definitions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import orjson

from mamigrate.contract import Change, NeutralRow, Outcome, ProgramRoom, Status, TagRule
from mamigrate.errors import Indeterminate
from mamigrate.http.call import Rejected, Unreadable
from mamigrate.http.shapes import whole
from mamigrate_marketo import assets, read, wire, write
from mamigrate_marketo.api import Api, folder_json
from mamigrate_marketo.fetch import Fetch
from mamigrate_marketo.paging import by_token

ROOT = "Marketing Activities"
HOLDING = "Marketing Folder"
"""The type of folders in which programs stand."""
DATED = frozenset({"Event", "EventWithWebinar", "Email"})
"""Types that have a first and a last day. (API definition, "UpdateProgramRequest")"""
NAME = 255
"""Characters of a program's name. (API definition, "CloneProgramRequest")"""
MEMBER_FIELDS = 20
"""Custom fields of members that one instance may have."""
TAKEN, ABSENT, EXISTS = "709", "702", "1017"
NOT_EMPTY = "not_empty"
"""Why a program stays that somebody has put something into; ours, no code of the vendor's."""

Send = Callable[[], wire.Json]
Form = list[tuple[str, str]]


class Programs:
    """The programs of an instance, one call a program. What may have happened is MAYBE, and is found by its mark."""

    def __init__(self, connection: str, api: Api, fetch: Fetch) -> None:
        self._connection, self._api, self._fetch = connection, api, fetch

    # --- room --------------------------------------------------------------------------------------------------------

    def room(self) -> ProgramRoom:
        fields = [one for one in self._member_fields() if one.get("isCustom")]
        names = frozenset(wire.text(one, "name") for one in fields)
        tags = dict(self._tags())
        return ProgramRoom(tuple(sorted(self._folders())), DATED, tags, NAME, False, names, MEMBER_FIELDS - len(names))

    def _folders(self) -> dict[str, int]:
        """Ids of folders by path."""
        root = int(wire.id_of(read.first(wire.parse(self._api.asset_by_name("folder", ROOT).body))))
        listed = self._listed(lambda offset: self._api.folders(root, offset).body)
        return {wire.text(one, "path"): whole(one, "id") for one in listed if wire.text(one, "folderType") == HOLDING}

    def _tags(self) -> Iterator[tuple[str, TagRule]]:
        """Each type of tags is asked for by its name: the list of them tells no values. Lists come as texts."""
        for one in self._listed(lambda offset: self._api.assets("tagTypes", offset).body, key="tagType"):
            name = wire.text(one, "tagType")
            told = read.first(wire.parse(self._api.tag_type(name).body))
            words = _words(wire.text(told, "applicableProgramTypes")) if told.get("required") is True else []
            required = frozenset(type for word in words for type in assets.PROGRAM_TYPES.get(word, ()))
            yield name, TagRule(required, tuple(_words(wire.text(told, "allowableValues"))))

    def _member_fields(self) -> Iterator[wire.Json]:
        yield from by_token(self._api.member_fields)

    def define(self, fields: Mapping[str, str]) -> list[Outcome]:
        """Fields of members for instants. One of the same name counts as equal."""
        changes = [Change(name, None, {}) for name in fields]
        records = [{"name": name, "displayName": label, "dataType": "datetime"} for name, label in fields.items()]
        if not changes:
            return []
        outcomes = sent(changes, partial(self._api.create_member_fields, records), "name")
        return [
            Outcome(one.source_key, Status.EQUAL, one.source_key) if one.code == EXISTS else one for one in outcomes
        ]

    # --- looking up --------------------------------------------------------------------------------------------------

    def find(self, by: str, values: Sequence[str]) -> list[NeutralRow]:
        """By ``id``, ``name`` or ``source_key``: the mark stands in the description, which nothing searches, so all are listed."""
        column, wanted = {"id": "key"}.get(by, by), set(values)
        if not wanted:
            return []
        return [row for row in self._rows(self._all()) if row[column] in wanted]

    def ladder(self, channel: str) -> list[str]:
        """Statuses of a channel."""
        for one in self._listed(lambda offset: self._api.assets("channels", offset).body):
            if wire.text(one, "name") == channel:
                return [wire.text(step, "name") for step in wire.listed(one, "progressionStatuses")]
        return []

    def _all(self) -> list[wire.Json]:
        return list(self._listed(lambda offset: self._api.assets("programs", offset).body))

    def _rows(self, listed: Sequence[wire.Json]) -> list[NeutralRow]:
        landed = self._fetch.landed(b"{}", object="programs")
        return assets.programs(self._connection, {"result": list(listed)}, landed.context)

    def _listed(self, page: Callable[[int], bytes], key: str = "id") -> Iterator[wire.Json]:
        offset, last, known = 0, 1, set[str]()
        while last:
            rows = wire.result(wire.parse(page(offset)))
            yield from rows
            last = wire.fresh([{"id": wire.id_of(one, key)} for one in rows], known)
            offset += last

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> list[Outcome]:
        if not changes:
            return []
        folders = self._folders() if any(one.target_key is None for one in changes) else {}
        return [self._changed(one) if one.target_key else self._made(one, folders) for one in changes]

    def _made(self, change: Change, folders: Mapping[str, int]) -> Outcome:
        folder = folders.get(change.values["folder"] or "")
        if folder is None:
            return write.rejected(change, "710", f"field 'folder' and value '{change.values['folder']}'")
        (made,) = sent([change], lambda: _stamped(self._api.create_program(_new(change, folder)), "created"))
        if made.code == TAKEN and (ours := self._ours(change)) is not None:
            made = Outcome(change.source_key, Status.EQUAL, ours)
        if made.status not in (Status.CREATED, Status.EQUAL) or not _dates(change):
            return made
        # Days are no part of a creation. (API definition, "CreateProgramRequest")
        (dated,) = sent(
            [change], lambda: _stamped(self._api.update_program(str(made.target_key), _dates(change)), "updated")
        )
        return Outcome(change.source_key, Status.MAYBE, made.target_key) if dated.status is Status.MAYBE else made

    def _ours(self, change: Change) -> str | None:
        """A program of this name is ours if it bears our mark, and nobody's business otherwise."""
        rows = self.find("source_key", [change.values["source_key"] or ""])
        return next((str(row["key"]) for row in rows), None)

    def _changed(self, change: Change) -> Outcome:
        """Type, channel and folder are for ever; our days are written."""
        form = _dates(change)
        if not form:
            return Outcome(change.source_key, Status.EQUAL, change.target_key)
        (done,) = sent([change], lambda: _stamped(self._api.update_program(str(change.target_key), form), "updated"))
        return done

    def delete(self, keys: Sequence[str]) -> list[Outcome]:
        return [self._deleted(key) for key in keys]

    def _deleted(self, key: str) -> Outcome:
        """One that holds something stays: it goes with everything in it, and that is not ours."""
        change = Change(key, key, {})
        try:
            inside = wire.result(wire.parse(self._api.inside_program(key).body))
        except Rejected as error:
            if error.code in (ABSENT, "1013", "610"):
                return Outcome(key, Status.DELETED, key)
            return write.rejected(change, error.code, error.said)
        if inside:
            return write.rejected(change, NOT_EMPTY, f"{len(inside)} assets stand in it by now")
        (done,) = sent([change], lambda: _stamped(self._api.delete_program(key), "deleted"))
        return Outcome(key, Status.DELETED, key) if done.code == ABSENT else done


def sent(changes: Sequence[Change], call: Send, key: str = "id") -> list[Outcome]:
    """One call that writes. A refusal of the whole call is a rejection of each record: nothing was written."""
    try:
        return write.outcomes(changes, wire.result(call()), key)
    except (Indeterminate, Unreadable) as error:
        return write.doubtful(changes, str(error))
    except Rejected as error:
        return [write.rejected(one, error.code, error.said) for one in changes]


def _stamped(data: wire.Json, status: str) -> wire.Json:
    """Replies about programs tell their own status, never what became of the call."""
    return {**data, "result": [{**one, "status": status} for one in wire.result(data)]}


def _new(change: Change, folder: int) -> Form:
    values = change.values
    form = [
        ("name", values["name"] or ""),
        ("folder", folder_json(folder)),
        ("type", values["type"] or ""),
        ("channel", values["channel"] or ""),
        ("description", assets.marked(values.get("description") or "", values["source_key"] or "")),
    ]
    if costs := values.get("costs"):
        form.append(("costs", orjson.dumps([_cost(one) for one in orjson.loads(costs)]).decode()))
    if tags := values.get("tags"):
        told = [{"tagType": name, "tagValue": value} for name, value in orjson.loads(tags).items()]
        form.append(("tags", orjson.dumps(told).decode()))
    return form


def _cost(one: Mapping[str, str]) -> wire.Json:
    """A cost is a whole number. (API definition, "CostRequest")"""
    note = {"note": one["note"]} if one["note"] else {}
    return {"startDate": one["day"], "cost": int(one["amount"].partition(".")[0]), **note}


def _dates(change: Change) -> Form:
    named = {"startDate": change.values.get("starts_on"), "endDate": change.values.get("ends_on")}
    return [(name, value) for name, value in named.items() if value]


def _words(text: str) -> list[str]:
    """Marketo writes lists as text: ``[EMEA, APAC]``."""
    return [word.strip() for word in text.strip("[]").split(",") if word.strip()]
