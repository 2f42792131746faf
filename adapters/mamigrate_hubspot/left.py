"""What a page of statuses says that its addresses have left, what it left untold, and which of it no API has written."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from mamigrate.consent.address import loose
from mamigrate.contract import DenialPage, Landed, NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.read import statuses

UNTOLD = "unread"
"""What the facts say of an address whose statuses were not told."""


def untold(fact: NeutralRow) -> bool:
    """Whether a fact stands for statuses that were not told."""
    return bool(fact["kind"] == "unparsed" and fact["raw"] == UNTOLD)


def denials(connection: str, landed: Landed) -> DenialPage:
    """The denials of a page of statuses; what was not told is among them. ``until`` says nothing."""
    data = wire.parse(landed.body)
    read = statuses.unread if landed.context["form"] == "unread" else statuses.told
    content = read(connection, data, landed.context)
    facts = [fact for fact in content.rows[Kind.CONSENT_FACT] if fact["polarity"] == "-"]
    own = {(address, topic) for address, topic in _own_doing(data, landed.context["form"])}
    addresses = {address for address, _ in own}
    native = {
        fact["key"]
        for fact in facts
        if (fact["address_loose"], fact["topic"]) in own
        or (fact["topic"] == "*" and fact["address_loose"] in addresses)
    }
    return DenialPage(facts, datetime.max, None, frozenset(native), noted=tuple(content.problems))


def _own_doing(data: wire.Json, form: str) -> Iterator[tuple[str | None, str]]:
    """(loose address, topic) of statuses that no API has written: their source says so."""
    answers: Iterable[wire.Json] = wire.rows(data) if form != "unread" else ()
    for answer in answers:
        address = loose(wire.text(answer, "subscriberIdString"))
        for status in wire.listed(answer, "statuses") or (answer,):
            source = wire.text(status, "source")
            if wire.text(status, "status") == "UNSUBSCRIBED" and source and "API" not in source:
                yield address, wire.text(status, "subscriptionId")
