"""Denials by address: read what stands, and write more of it. Nothing here can subscribe anybody.

In batches where the account's plan allows it, else one call a denial. A reply counts only as far as it shows the status of
the very address: an unfinished one, one with errors or one with holes says *maybe*. (HubSpot docs, "Subscription
preferences v4")
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mamigrate.chunks import chunks
from mamigrate.consent.address import exact, keys
from mamigrate.contract import EVERYTHING, Denial, Outcome, Status
from mamigrate.errors import Indeterminate, Refused
from mamigrate.http.call import Rejected, Unreadable
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import PAGE, Api
from mamigrate_hubspot.left import denials
from mamigrate_hubspot.statuses import Statuses

_PERMISSION = (403, 404)
Shown = set[tuple[str, str]]
"""(address, in lower case; topic) that a reply shows as left. ``strasse@`` and ``straße@`` have statuses of their own."""


@dataclass(slots=True)
class Deny:
    """Whether batches are allowed is found out once."""

    connection: str
    api: Api
    statuses: Statuses
    batches: bool = True

    # --- what stands -------------------------------------------------------------------------------------------------

    def denied(self, addresses: Sequence[str]) -> dict[str, frozenset[str]]:
        """Addresses that were not told as a whole are asked whether they left everything; else they are absent."""
        left: dict[str, set[str]] = {address: set() for address in addresses}
        spelled: dict[str, list[str]] = {}
        for address in addresses:
            spelled.setdefault(exact(keys(address).strict, keys(address).loose), []).append(address)
        untold: set[str] = set()
        for landed in self.statuses.of({address: [] for address in addresses}) if addresses else ():
            for fact in denials(self.connection, landed).facts:
                for address in spelled.get(exact(fact["address_strict"], fact["address_loose"]), ()):
                    if fact["kind"] == "unparsed":
                        untold.add(address)
                    elif fact["kind"] == "topic_opt_out":
                        left[address].add(fact["topic"])
                    elif fact["kind"] == "objection" and fact["brand"] == "*":
                        left[address].add(EVERYTHING)
        known = {address: frozenset(topics) for address, topics in left.items() if address not in untold}
        return known | {address: frozenset({EVERYTHING}) for address in sorted(untold) if self._left_all(address)}

    def _left_all(self, address: str) -> bool:
        try:
            data = wire.parse(self.api.wide(address).body)
        except Rejected:
            return False
        return any(wire.text(row, "wideStatusType") == "PORTAL_WIDE" for row in wire.rows(data))

    # --- writing -----------------------------------------------------------------------------------------------------

    def deny(self, asked: Sequence[Denial]) -> list[Outcome]:
        outcomes: dict[str, Outcome] = {}
        whole = [one for one in asked if one.topic == EVERYTHING]
        parts = [one for one in asked if one.topic != EVERYTHING]
        for some, together, alone in ((whole, self._all, self._all_of), (parts, self._topics, self._topic_of)):
            for part in chunks(some, PAGE):
                outcomes |= {one.source_key: one for one in self._sent(part, together, alone)}
        return [outcomes[one.key] for one in asked]

    def _sent(
        self,
        part: Sequence[Denial],
        together: Callable[[Sequence[Denial]], wire.Json],
        alone: Callable[[Denial], wire.Json],
    ) -> Iterator[Outcome]:
        if self.batches and len(part) > 1:
            try:
                shown = _left(together(part))
                yield from (_outcome(one, shown) for one in part)
                return
            except Refused:
                self.batches = False  # An Enterprise scope: from now on one by one.
            except Rejected as error:
                self.batches = error.status not in _PERMISSION  # Or one bad address refused them all: each for itself.
            except (Indeterminate, Unreadable) as error:
                yield from (_maybe(one, str(error)) for one in part)
                return
        for one in part:
            yield self._one(one, alone)

    def _one(self, one: Denial, alone: Callable[[Denial], wire.Json]) -> Outcome:
        try:
            return _outcome(one, _left(alone(one), one.address))
        except Rejected as error:
            return Outcome(one.key, Status.REJECTED, code=error.code, message=error.said)
        except (Indeterminate, Unreadable) as error:
            return _maybe(one, str(error))

    def _all(self, part: Sequence[Denial]) -> wire.Json:
        return self.api.leave_all_batch([one.address for one in part])

    def _all_of(self, one: Denial) -> wire.Json:
        return self.api.leave_all(one.address)

    def _topics(self, part: Sequence[Denial]) -> wire.Json:
        return self.api.leave_batch([(one.address, one.topic, one.cause) for one in part])

    def _topic_of(self, one: Denial) -> wire.Json:
        return self.api.leave(one.address, one.topic, one.cause)


def _left(data: wire.Json, asked: str = "") -> Shown:
    """What a reply shows. An unfinished one, or one with errors, shows nothing: what it did must be asked for."""
    if not isinstance(data, Mapping) or data.get("status") != "COMPLETE" or data.get("numErrors"):
        return set()
    shown: Shown = set()
    statuses: dict[str, list[str]] = {}
    for answer in wire.rows(data):
        who = wire.text(answer, "subscriberIdString").lower() or asked.lower()
        for status in wire.listed(answer, "statuses") if "statuses" in answer else [answer]:
            said = wire.text(status, "status")
            statuses.setdefault(who, []).append(said)
            if said == "UNSUBSCRIBED":
                shown.add((who, wire.text(status, "subscriptionId")))
    return shown | {(who, EVERYTHING) for who, said in statuses.items() if said and set(said) == {"UNSUBSCRIBED"}}


def _outcome(one: Denial, shown: Shown) -> Outcome:
    there = (one.address.lower(), one.topic) in shown
    return Outcome(one.key, Status.UPDATED) if there else _maybe(one, "the reply does not show it")


def _maybe(one: Denial, why: str) -> Outcome:
    return Outcome(one.key, Status.MAYBE, message=why)
