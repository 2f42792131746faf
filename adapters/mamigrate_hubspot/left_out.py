"""Who came onto lists that emails and workflows leave out: the lists are asked for anew, then their members one after another.

A membership tells since when it lasts. Source: HubSpot docs, "Lists", "Fetch list memberships".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from mamigrate.clock import Clock
from mamigrate.consent.facts import from_list
from mamigrate.contract import DenialPage, NeutralRow
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.codes import told_at
from mamigrate.model.canonical import parse_datetime, render_second
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.fetch import GONE, HIDDEN, Fetch
from mamigrate_hubspot.read import estate


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: the lists that are left with the one that is read first, the vendor's cursor in it, and when it began."""

    lists: tuple[str, ...]
    after: str
    until: datetime

    @classmethod
    def of(cls, cursor: str) -> "Place":
        told = orjson.loads(cursor)
        return cls(tuple(told["lists"]), told["after"], parse_datetime(told["until"]))

    def following(self, after: str | None) -> str | None:
        """The next cursor: further in this list, or the next list; None after the last one."""
        left = self.lists if after is not None else self.lists[1:]
        told = {"lists": left, "after": after or "", "until": render_second(self.until)}
        return orjson.dumps(told).decode() if left else None


@dataclass(slots=True)
class LeftOut:
    """Reads members of one account's lists."""

    connection: str
    api: Api
    fetch: Fetch
    clock: Clock

    def page(self, moment: datetime, cursor: str | None, known: Collection[str]) -> DenialPage:
        """As ``ExclusionSource.left_out_since``."""
        problems: list[Finding] = []
        place = Place.of(cursor) if cursor else self._begin(problems)
        if not place.lists:
            return DenialPage((), place.until, None, problems=problems)
        key, after, facts = place.lists[0], None, list[NeutralRow]()
        try:
            data = wire.parse(self.api.members(key, place.after).body)
            facts = list(self._facts(key, data, None if key not in known else moment))
            after = wire.after(data)
        except Refused as error:
            problems.append(self._unread(key, error.reason))
        except Rejected as error:
            if error.status not in (GONE, HIDDEN):
                raise
            if error.status == HIDDEN:  # One that was deleted meanwhile leaves nobody out any more.
                problems.append(self._unread(key, error.code))
        return DenialPage(facts, place.until, place.following(after), problems=problems)

    def _begin(self, problems: list[Finding]) -> Place:
        until = told_at(self.api.account().headers, self.clock.now())
        lists, found = self.fetch.left_out(self.connection)
        problems += found
        return Place(tuple(lists), "", until)

    def _facts(self, key: str, data: wire.Json, since: datetime | None) -> Iterator[NeutralRow]:
        for row in estate.memberships(self.connection, data, {"list": key}).rows[Kind.LIST_MEMBERSHIP]:
            joined = row["joined_at"]
            if since is None or joined is None or joined >= since:
                yield from_list(self.connection, key, row["person_key"], joined)

    def _unread(self, key: str, reason: str) -> Finding:
        subject = f"{self.connection}/{Kind.LIST}/{key}"
        return Finding("exclusion_members_unread", Severity.WARN, subject, {"reason": reason})
