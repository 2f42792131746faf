"""Looking records up by key, any number of values."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from mamigrate.contract import NeutralRow
from mamigrate.http.call import Rejected, Reply
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_marketo import assets, read, wire
from mamigrate_marketo.api import BATCH, Api
from mamigrate_marketo.capabilities import BLOCKERS
from mamigrate_marketo.fetch import CRM_ENABLED, Fetch
from mamigrate_marketo.meanings import OBJECTS
from mamigrate_marketo.paging import by_token
from mamigrate_marketo.programs import Programs
from mamigrate_marketo.programs_members import ProgramMembers

_OWN_KEY = {Kind.ACCOUNT: "externalCompanyId", Kind.OPPORTUNITY: "externalOpportunityId"}
NOT_FOUND = "1013"
"""An object that is not there. (Adobe's developer docs, "Error codes")"""
_NOT_TWICE = ("createdAt", "updatedAt")


class Lookup:
    """Finds people, companies, opportunities, static lists, programs, and the members of both."""

    def __init__(self, connection: str, api: Api, fetch: Fetch, programs: Programs) -> None:
        self._connection, self._api, self._fetch = connection, api, fetch
        self._programs, self._in_programs = programs, ProgramMembers(api, programs)

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """Raises KeyError for a kind that cannot be looked up, Rejected for a field that is not searchable."""
        if kind is Kind.LIST:
            return self._lists(by, values)
        if kind is Kind.LIST_MEMBERSHIP:
            return self._members(by, values)
        if kind is Kind.PROGRAM:
            return self._programs.find(by, values)
        if kind is Kind.PROGRAM_MEMBERSHIP:
            return self._in_programs.find(by, values, fields)
        name, types = OBJECTS[kind], self._fetch.types(OBJECTS[kind])
        key = _OWN_KEY.get(kind, by) if by == "id" else by
        wanted = _wanted(kind, fields, types)
        found: list[wire.Json] = []
        for start in range(0, len(values), BATCH):
            found += self._look_up(name, key, values[start : start + BATCH], wanted)
        if kind is Kind.PERSON:
            return read.people(self._connection, found, types).rows[kind]
        rows = read.objects(kind, self._connection, found, types).rows[kind]
        return self._with_people(rows) if kind is Kind.OPPORTUNITY else rows

    def _with_people(self, deals: Sequence[NeutralRow]) -> list[NeutralRow]:
        people: dict[str, list[str]] = defaultdict(list)
        for start in range(0, len(deals), BATCH):
            for role in self._roles([deal["key"] for deal in deals[start : start + BATCH]]):
                people[wire.id_of(role, "externalOpportunityId")].append(wire.id_of(role, "leadId"))
        return [{**deal, "person_keys": people[deal["key"]]} for deal in deals]

    def _roles(self, deals: Sequence[str]) -> list[wire.Json]:
        try:
            return self._all(lambda token: self._api.roles(deals, token))
        except Rejected as error:
            if error.code == CRM_ENABLED:
                return []  # The CRM owns them, and lets nobody write any either.
            raise

    def _look_up(self, name: str, by: str, values: Sequence[str], fields: Sequence[str]) -> list[wire.Json]:
        try:
            return self._pages(name, by, values, fields)
        except Rejected as error:
            # 1003 also says that more than 1,000 records match: fewer values match fewer.
            if error.code != "1003" or "too many" not in error.said.lower() or len(values) == 1:
                raise
        half = len(values) // 2
        return self._look_up(name, by, values[:half], fields) + self._look_up(name, by, values[half:], fields)

    def _pages(self, name: str, by: str, values: Sequence[str], fields: Sequence[str]) -> list[wire.Json]:
        return self._all(lambda token: self._api.look_up(name, by, values, fields, token))

    def _all(self, page: Callable[[str], Reply]) -> list[wire.Json]:
        return list(by_token(page))

    def _lists(self, by: str, values: Sequence[str]) -> list[NeutralRow]:
        """Static lists by name or id. A name with a comma cannot be asked for, so then all are listed."""
        found: list[NeutralRow] = []
        plain = [value for value in values if by == "name" and "," not in value]
        for name in plain:
            found += self._neutral(self._api.asset_by_name("staticList", name).body)
        others = set(values) - set(plain)
        return found + self._listed(lambda row: row["key" if by == "id" else "name"] in others) if others else found

    def _listed(self, chosen: Callable[[NeutralRow], bool]) -> list[NeutralRow]:
        found: list[NeutralRow] = []
        offset, last, known = 0, 1, set[str]()
        while last:
            body = self._api.assets("staticLists", offset).body
            found += [row for row in self._neutral(body) if chosen(row)]
            last = wire.fresh(wire.result(wire.parse(body)), known)
            offset += last
        return found

    def _members(self, by: str, values: Sequence[str]) -> list[NeutralRow]:
        """Everybody in these lists (``list``), or those of these memberships (``id``: ``<list>/<person>``) that stand."""
        if by == "list":
            return [row for one in dict.fromkeys(values) for row in self._members_of(one)]
        wanted = {value for value in values if "/" in value}
        lists = dict.fromkeys(value.partition("/")[0] for value in wanted)
        return [row for one in lists for row in self._members_of(one) if row["key"] in wanted]

    def _members_of(self, list_id: str) -> list[NeutralRow]:
        try:
            rows = self._all(lambda token: self._api.members(list_id, token))
        except Rejected as error:
            if error.code == NOT_FOUND:
                return []  # The list is gone, and its members with it.
            raise
        return [read.member(list_id, wire.id_of(row)) for row in rows]

    def _neutral(self, body: bytes) -> list[NeutralRow]:
        landed = self._fetch.landed(body, object="staticLists")
        return assets.lists(self._connection, wire.parse(body), landed.context)


def _wanted(kind: Kind, fields: Sequence[str], types: Mapping[str, DataType]) -> list[str]:
    """The fields to ask for: what the caller wants, dates, and for people everything that blocks."""
    wanted: Iterable[str] = (*fields, *_NOT_TWICE)
    if kind in _OWN_KEY:
        wanted = (*wanted, _OWN_KEY[kind])
    if kind is Kind.OPPORTUNITY and "externalCompanyId" in types:
        wanted = (*wanted, "externalCompanyId")
    if kind is Kind.PERSON:
        blockers = (name for one in BLOCKERS for name in (one.field, one.hours_from) if name)
        causes = (one.cause for one in BLOCKERS if one.cause in types)
        wanted = (*wanted, *blockers, *causes, "id", *(name for name in read.ALWAYS if name in types))
    return sorted({name for name in wanted if name not in _NOT_TWICE or name in types})
