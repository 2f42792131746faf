"""Sending changes: one outcome each, in the same order. A call is never sent twice once it may have run."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from mamigrate.clock import Clock
from mamigrate.contract import Change, Outcome, Status
from mamigrate.errors import Indeterminate
from mamigrate.http.call import Rejected
from mamigrate.http.shapes import whole
from mamigrate.model.kinds import Kind
from mamigrate_marketo import denials, read, wire, write
from mamigrate_marketo.api import BATCH, Api
from mamigrate_marketo.codes import OF_RECORDS
from mamigrate_marketo.fetch import Fetch
from mamigrate_marketo.history import History
from mamigrate_marketo.meanings import KEY_FIELD
from mamigrate_marketo.programs import Programs, sent
from mamigrate_marketo.programs_members import ProgramMembers

FOLDER = "mamigrate"
"""The folder under "Lead Database" that holds what we make."""
_ROOT = "Lead Database"
_ROLE = "Contact"
"""The role of a person in an opportunity; other platforms' associations carry none."""

PAUSES = (2.0, 20.0)
"""Seconds before a record that was skipped for a reason that passes is sent again."""


class Apply:
    """Writes and deletes. Raises what says that nothing ran: Refused, QuotaExhausted, Unreachable."""

    def __init__(
        self, api: Api, fetch: Fetch, history: History, programs: Programs, partition: str, clock: Clock
    ) -> None:
        self._api, self._fetch, self._partition, self._clock = api, fetch, partition, clock
        self._programs = programs
        self._by_kind: Mapping[Kind, Callable[[Sequence[Change]], Sequence[Outcome]]] = {
            Kind.FIELD: self._fields,
            Kind.LIST: self._lists,
            Kind.ACCOUNT: self._accounts,
            Kind.PERSON: self._people,
            Kind.OPPORTUNITY: self._opportunities,
            Kind.LIST_MEMBERSHIP: self._memberships,
            Kind.PROGRAM: programs.write,
            Kind.PROGRAM_MEMBERSHIP: ProgramMembers(api, programs).write,
            Kind.ACTIVITY: history.write,
        }

    def write(self, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Raises KeyError for a kind that is not written, ValueError where a change would lower a denial.

        Records that are skipped for a reason that passes are sent again, alone, after each of PAUSES.
        """
        outcomes = list(self._by_kind[kind](changes))
        for seconds in PAUSES:
            skipped = [at for at, outcome in enumerate(outcomes) if _passes(outcome)]
            if not skipped:
                break
            self._clock.sleep(seconds)
            again = self._by_kind[kind]([changes[at] for at in skipped])
            for at, outcome in zip(skipped, again, strict=True):
                outcomes[at] = outcome
        return outcomes

    # --- schema ------------------------------------------------------------------------------------------------------

    def _fields(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Create fields that are not there. A field of the same name counts as equal: types never change by API."""
        known = self._fetch.types("leads")
        new = [one for one in changes if one.values["api_name"] not in known]
        found = {
            id(one): Outcome(one.source_key, Status.EQUAL, one.values["api_name"])
            for one in changes
            if one.values["api_name"] in known
        }
        if new:
            definitions = [write.field_definition(one) for one in new]
            made = sent(new, partial(self._api.create_fields, definitions), "name")
            found |= dict(zip(map(id, new), made, strict=True))
            self._fetch.forget_types("leads")
        return [found[id(one)] for one in changes]

    # --- lists -------------------------------------------------------------------------------------------------------

    def _lists(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Static lists in our folder; one that stands there under the same name counts as equal."""
        found: dict[int, Outcome] = {}
        by_folder: dict[str, list[Change]] = defaultdict(list)
        for one in changes:
            by_folder[one.values.get("folder") or FOLDER].append(one)
        for folder, inside in by_folder.items():
            found |= dict(zip(map(id, inside), self._lists_of(folder, inside), strict=True))
        return [found[id(one)] for one in changes]

    def _lists_of(self, folder: str, changes: Sequence[Change]) -> list[Outcome]:
        try:
            place = self._folder(folder)
        except Indeterminate as error:
            return write.doubtful(changes, error.reason)
        except Rejected as error:
            return [write.rejected(one, error.code, error.said) for one in changes]
        known = self._names_in(place)
        return [self._list(one, place, known) for one in changes]

    def _list(self, change: Change, folder: int, known: dict[str, str]) -> Outcome:
        name = change.values["name"] or ""
        if name in known:
            return Outcome(change.source_key, Status.EQUAL, known[name])
        description = change.values.get("description") or ""
        (made,) = sent([change], partial(self._create_list, name, folder, description))
        if made.target_key:
            known[name] = made.target_key
        return made

    def _create_list(self, name: str, folder: int, description: str) -> wire.Json:
        data = self._api.create_list(name, folder, description)
        return {**data, "result": [{**one, "status": "created"} for one in wire.result(data)]}

    def _folder(self, name: str) -> int:
        """The id of a folder directly under the lead database, made when it is not there."""
        root = _folder_id(wire.parse(self._api.asset_by_name("folder", _ROOT).body))
        for one in wire.result(wire.parse(self._api.asset_by_name("folder", name).body)):
            if wire.text(one, "path") == f"/{_ROOT}/{name}":
                return whole(one, "id")
        return _folder_id(self._api.create_folder(name, root, "made by mamigrate"))

    def _names_in(self, folder: int) -> dict[str, str]:
        found: dict[str, str] = {}
        offset, last, known = 0, 1, set[str]()
        while last:
            reply = self._api.assets("staticLists", offset, folder=f'{{"id":{folder},"type":"Folder"}}')
            rows = wire.result(wire.parse(reply.body))
            found |= {wire.text(one, "name"): wire.text(one, "id") for one in rows}
            last = wire.fresh(rows, known)
            offset += last
        return found

    def _memberships(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """``links`` name one list and one person. Being in the list already is no error."""
        found: dict[int, Outcome] = {}
        by_list: dict[str, list[Change]] = defaultdict(list)
        for one in changes:
            by_list[one.links["list"][0]].append(one)
        for list_id, members in by_list.items():
            for start in range(0, len(members), BATCH):
                part = members[start : start + BATCH]
                leads = [int(one.links["person"][0]) for one in part]
                added = sent(part, partial(self._api.add_to_list, list_id, leads))
                found |= {id(one): _member(one, outcome) for one, outcome in zip(part, added, strict=True)}
        return [found[id(one)] for one in changes]

    # --- records -----------------------------------------------------------------------------------------------------

    def _people(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """New people are keyed by our own field, so that a repeated write finds its record; known ones by id."""
        denials.guard(changes)
        new = [one for one in changes if one.target_key is None]
        known = [one for one in changes if one.target_key is not None]
        if not all(one.values.get(KEY_FIELD) for one in new):
            raise ValueError(f"a new person needs {KEY_FIELD}")
        found = [
            *self._sync_people(new, "createOrUpdate", KEY_FIELD, self._partition),
            *self._sync_people(known, "updateOnly", "id", ""),
        ]
        by_change = dict(zip(map(id, [*new, *known]), found, strict=True))
        return [by_change[id(one)] for one in changes]

    def _sync_people(self, changes: Sequence[Change], action: str, lookup: str, partition: str) -> Iterator[Outcome]:
        types = self._fetch.types("leads")
        made = zip(changes, write.records(changes, types), strict=True)
        records = (record | _account(one) | _id(one) for one, record in made)
        for part in write.parts(records):
            inside = [changes[at] for at in part.positions]
            call = partial(self._api.sync_leads, part.encoded, action=action, lookup=lookup, partition=partition)
            yield from sent(inside, call)

    def _accounts(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Companies by their external id, which is the source's key. Everything refers to them by it."""
        return self._objects("companies", "externalCompanyId", changes)

    def _opportunities(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Opportunities by their external id, then a role for each person that takes part."""
        found = self._objects("opportunities", "externalOpportunityId", changes)
        written = [one for one, outcome in zip(changes, found, strict=True) if outcome.target_key]
        pairs = [(one, person) for one in written for person in one.links.get("person", ())]
        roles: dict[int, list[Outcome]] = defaultdict(list)
        for start in range(0, len(pairs), BATCH):
            part = pairs[start : start + BATCH]
            records = [
                {"externalOpportunityId": one.source_key, "leadId": int(person), "role": _ROLE} for one, person in part
            ]
            call = partial(self._api.sync_objects, "opportunities/roles", records)
            for (one, _), outcome in zip(part, sent([one for one, _ in part], call, "marketoGUID"), strict=True):
                roles[id(one)].append(outcome)
        return [write.with_roles(outcome, roles[id(one)]) for one, outcome in zip(changes, found, strict=True)]

    def _objects(self, name: str, key: str, changes: Sequence[Change]) -> list[Outcome]:
        types = self._fetch.types(name)
        made = zip(changes, write.records(changes, types), strict=True)
        records = (record | _account(one) | {key: one.source_key} for one, record in made)
        found: list[Outcome] = []
        for part in write.parts(records):
            inside = [changes[at] for at in part.positions]
            found += sent(inside, partial(self._api.sync_objects, name, part.encoded))
        return [_keyed(one) for one in found]

    def delete(self, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
        """People and programs by id. What is already gone counts as deleted. Raises KeyError for other kinds."""
        if kind is Kind.PROGRAM:
            return self._programs.delete(keys)
        if kind is not Kind.PERSON:
            raise KeyError(kind)
        found: list[Outcome] = []
        for start in range(0, len(keys), BATCH):
            part = [Change(key, key, {}) for key in keys[start : start + BATCH]]
            found += sent(part, partial(self._api.delete_leads, [int(one.source_key) for one in part]))
        return [_gone(one) for one in found]


def _folder_id(data: wire.Json) -> int:
    """The id of the one folder of an answer. Raises Unreadable where it tells none."""
    return int(wire.id_of(read.first(data)))


def _passes(outcome: Outcome) -> bool:
    return outcome.status is Status.REJECTED and outcome.code in OF_RECORDS


def _account(change: Change) -> wire.Json:
    """The link to a company: its key on this side is its external id."""
    accounts = change.links.get("account", ())
    return {"externalCompanyId": accounts[0]} if accounts else {}


def _id(change: Change) -> wire.Json:
    return {"id": int(change.target_key)} if change.target_key else {}


def _keyed(outcome: Outcome) -> Outcome:
    """Everything refers to companies and opportunities by the external id, never by the number in the answer."""
    if outcome.status in (Status.REJECTED, Status.MAYBE):
        return outcome
    return Outcome(outcome.source_key, outcome.status, outcome.source_key)


def _member(change: Change, outcome: Outcome) -> Outcome:
    key = f"{change.links['list'][0]}/{change.links['person'][0]}"
    if outcome.status in (Status.REJECTED, Status.MAYBE):
        return outcome
    return Outcome(change.source_key, outcome.status, key)


def _gone(outcome: Outcome) -> Outcome:
    return Outcome(outcome.source_key, Status.DELETED, outcome.source_key) if outcome.code == "1004" else outcome
