"""Statuses of addresses: in batches where the account's plan allows it, else one call an address.

An opt-out from everything makes every subscription type read UNSUBSCRIBED, so the wide status, which says whether it is
the whole account or a brand, is only asked for where some type reads UNSUBSCRIBED.
"""

from collections.abc import Iterator, Mapping, Sequence

from mamigrate.consent.address import keys
from mamigrate.contract import Landed, NeutralRow
from mamigrate.errors import Refused
from mamigrate.http.call import Rejected, Reply
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import PAGE, Api
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.read.context import unique, write_json

_PERMISSION = (403, 404)
LONGEST = 254


class Statuses:
    """Reads statuses. Whether batches are allowed is found out once."""

    def __init__(self, api: Api, fetch: Fetch) -> None:
        self._api, self._fetch = api, fetch
        self._batches = True

    def pages(self, people: Sequence[NeutralRow]) -> Iterator[Landed]:
        """Statuses of every address of these people, in full batches. Odd addresses are asked for alone."""
        holders = _holders(people)
        ordinary = [address for address in holders if _ordinary(address)]
        for start in range(0, len(ordinary), PAGE):
            part = {address: holders[address] for address in ordinary[start : start + PAGE]}
            yield from self._part(part)
        # In a batch the others would get ninety-nine addresses refused with them.
        for address in sorted(holders.keys() - set(ordinary)):
            yield from self._one(address, holders[address])

    def _part(self, part: Mapping[str, list[str]]) -> Iterator[Landed]:
        if self._batches and len(part) > 1:
            try:
                yield from self._batch(part)
                return
            except Refused:
                self._batches = False  # An Enterprise scope: from now on one by one.
            except Rejected as error:
                if error.status not in _PERMISSION:  # One bad address refuses its whole batch: look for it in halves.
                    yield from self._halves(part)
                    return
                self._batches = False
        for address, known in part.items():
            yield from self._one(address, known)

    def _halves(self, part: Mapping[str, list[str]]) -> Iterator[Landed]:
        pairs = list(part.items())
        yield from self._part(dict(pairs[: len(pairs) // 2]))
        yield from self._part(dict(pairs[len(pairs) // 2 :]))

    def _batch(self, part: Mapping[str, list[str]]) -> Iterator[Landed]:
        addresses = list(part)
        statuses, wide = self._api.statuses_batch(addresses), self._api.wide_batch(addresses)
        yield self._landed(statuses, part, "batch", "statuses")
        yield self._landed(wide, part, "batch", "wide")

    def _one(self, address: str, known: list[str]) -> Iterator[Landed]:
        part = {address: known}
        try:
            reply = self._api.statuses(address)
            yield self._landed(reply, part, "one", "statuses")
            if any(wire.text(one, "status") == "UNSUBSCRIBED" for one in wire.rows(wire.parse(reply.body))):
                yield self._landed(self._api.wide(address), part, "one", "wide")
        except Rejected as error:
            body = write_json({"refused": error.code}).encode()
            yield self._fetch.landed(body, form="unread", reply="statuses", people=write_json(part))

    def _landed(self, reply: Reply, part: Mapping[str, list[str]], form: str, what: str) -> Landed:
        topics = self._fetch.topic_classes()
        return self._fetch.landed(reply.body, form=form, reply=what, people=write_json(part), topics=topics)


def _ordinary(address: str) -> bool:
    """Whether a batch will take it: one address with an at sign of ASCII, no longer than mail allows (RFC 5321, 4.5.3.1)."""
    return "@" in address and len(address) <= LONGEST and keys(address).valid


def _holders(people: Sequence[NeutralRow]) -> dict[str, list[str]]:
    """Every address of these people, with the keys of those who have it."""
    found: dict[str, list[str]] = {}
    for person in people:
        for address in unique([person.get("email") or "", *person.get("other_emails", ())]):
            found.setdefault(address, []).append(person["key"])
    return found
