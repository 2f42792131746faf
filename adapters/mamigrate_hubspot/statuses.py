"""Statuses of addresses: in batches where the account's plan allows it, else one call an address.

An opt-out from everything makes every subscription type read UNSUBSCRIBED, so the wide status, which says whether it is
the whole account or a brand, is only asked for where some type reads UNSUBSCRIBED. What a batch leaves out is asked for
alone: silence about an address is no proof that nobody opted out there. Nor is silence about a type: asked alone, an address
is denied what is not told of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mamigrate.chunks import chunks
from mamigrate.consent.address import keys
from mamigrate.contract import Landed, NeutralRow
from mamigrate.errors import Refused
from mamigrate.http.call import Rejected, Reply
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import PAGE, Api
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.read.context import unique, write_json
from mamigrate_hubspot.read.statuses import answered, topics_told

_PERMISSION = (403, 404)
_OPEN = ("SUBSCRIBED", "NOT_SPECIFIED", "")
LONGEST = 254
ASKED_AGAIN = 2

Spelled = dict[str, list[str]]
"""The spellings of one address, each with the keys of the people who have it spelled so."""


class Statuses:
    """Reads statuses. Whether batches are allowed is found out once."""

    def __init__(self, api: Api, fetch: Fetch) -> None:
        self._api, self._fetch = api, fetch
        self._batches = True

    def pages(self, people: Sequence[NeutralRow]) -> Iterator[Landed]:
        """Statuses of every address of these people, in full batches. Odd addresses are asked for alone."""
        yield from self.of(_holders(people))

    def of(self, holders: Mapping[str, list[str]]) -> Iterator[Landed]:
        """The same for addresses with the keys of those who have them, also of nobody."""
        spelled = _spelled(holders)
        ordinary = {address: known for address, known in spelled.items() if _ordinary(address)}
        for part in chunks(list(ordinary.items()), PAGE):
            yield from self._part(dict(part))
        # In a batch the others would get ninety-nine addresses refused with them.
        for address in sorted(spelled.keys() - ordinary.keys()):
            yield from self._one(address, spelled[address])

    def _part(self, part: Mapping[str, Spelled]) -> Iterator[Landed]:
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

    def _halves(self, part: Mapping[str, Spelled]) -> Iterator[Landed]:
        pairs = list(part.items())
        yield from self._part(dict(pairs[: len(pairs) // 2]))
        yield from self._part(dict(pairs[len(pairs) // 2 :]))

    def _batch(self, part: Mapping[str, Spelled]) -> Iterator[Landed]:
        statuses = _once(lambda: self._api.statuses_batch(list(part)))
        wide = _once(lambda: self._api.wide_batch(list(part)))
        told, left = _split(self._whole(statuses), part)
        yield self._landed(statuses, told, "batch", "statuses")
        told_wide, silent = _split(answered(wire.parse(wide.body)), told)
        yield self._landed(wide, told_wide, "batch", "wide")
        closed = _unsubscribed(statuses)
        for address, known in silent.items():
            if address.lower() in closed:
                yield self._alone("wide", self._api.wide, address, known)[0]
        for address, known in left.items():
            yield from self._one(address, known)

    def _one(self, address: str, known: Spelled) -> Iterator[Landed]:
        landed, reply = self._alone("statuses", self._api.statuses, address, known)
        yield landed
        if reply is not None and _unsubscribed(reply):
            yield self._alone("wide", self._api.wide, address, known)[0]

    def _alone(
        self, what: str, ask: Callable[[str], Reply], address: str, known: Spelled
    ) -> tuple[Landed, Reply | None]:
        """One answer about one address; a refusal is landed as *unread*."""
        part = {address: known}
        try:
            reply = ask(address)
        except Rejected as error:
            body = write_json({"refused": error.code}).encode()
            return self._fetch.landed(body, form="unread", reply=what, people=write_json(known)), None
        return self._landed(reply, part, "one", what), reply

    def _landed(self, reply: Reply, part: Mapping[str, Spelled], form: str, what: str) -> Landed:
        topics, needed = self._fetch.topic_classes(), self._fetch.needed_topics()
        people = write_json({spelling: keys for known in part.values() for spelling, keys in known.items()})
        return self._fetch.landed(reply.body, form=form, reply=what, people=people, topics=topics, needed=needed)

    def _whole(self, reply: Reply) -> set[str]:
        """Addresses, in lower case, of which a batch tells the status of every subscription type."""
        needed = set(filter(None, self._fetch.needed_topics().split(",")))
        told = topics_told(wire.parse(reply.body), batch=True)
        return {address for address, topics in told.items() if needed <= topics}


def _split(there: set[str], part: Mapping[str, Spelled]) -> tuple[dict[str, Spelled], dict[str, Spelled]]:
    """The addresses that a batch's reply answers, and those that it leaves out."""
    told = {address: known for address, known in part.items() if address.lower() in there}
    return told, {address: known for address, known in part.items() if address not in told}


def _once(ask: Callable[[], Reply]) -> Reply:
    """A reply that answers each address once: one that answers some twice is asked for again, and then taken as it is."""
    for _ in range(ASKED_AGAIN):
        reply = ask()
        answers = [wire.text(one, "subscriberIdString").lower() for one in wire.rows(wire.parse(reply.body))]
        if len(answers) == len(set(answers)):
            return reply
    return ask()


def _unsubscribed(reply: Reply) -> set[str]:
    """Addresses, in lower case, with a status UNSUBSCRIBED, or one that is not known, in a reply of either form."""
    answers = wire.rows(wire.parse(reply.body))
    said = [(answer, status) for answer in answers for status in wire.listed(answer, "statuses") or (answer,)]
    closed = [answer for answer, status in said if wire.text(status, "status") not in _OPEN]
    return {wire.text(answer, "subscriberIdString").lower() for answer in closed}


def _spelled(holders: Mapping[str, list[str]]) -> dict[str, Spelled]:
    """Who has each spelling, by the first one: HubSpot keeps addresses in lower case, so that all of them are one question."""
    first: dict[str, str] = {}
    found: dict[str, Spelled] = {}
    for address, known in holders.items():
        found.setdefault(first.setdefault(address.lower(), address), {})[address] = list(known)
    return found


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
