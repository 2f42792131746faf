"""Which contacts have an address, and which have got another one since a moment."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from mamigrate.chunks import chunks
from mamigrate.findings import Finding, Severity
from mamigrate.model.canonical import parse_datetime
from mamigrate_hubspot import holes, wire
from mamigrate_hubspot.api import PAGE, Api

ADDRESSES = ("email", "hs_additional_emails")
HISTORY_PAGE = 50
"""Records a call where former values are asked for."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Asks for contacts of one account."""

    connection: str
    api: Api

    def of(self, addresses: Sequence[str]) -> tuple[dict[str, list[str]], list[Finding]]:
        """The addresses with the contacts that have them as their first, and those of which a contact may be untold."""
        found: dict[str, list[str]] = {address: [] for address in addresses}
        lowered = {address.lower(): address for address in addresses}
        problems: list[Finding] = []
        for part in chunks(addresses, PAGE):
            data, refused = self._having(part)
            for row in wire.rows(data):
                address = lowered.get(wire.text(wire.part(row, "properties"), "email").lower())
                if address is not None:
                    found[address].append(wire.id_of(row))
            subjects = [f"{self.connection}/person/{one}" for one in part if refused and not found[one]]
            problems += [Finding("left_unread", Severity.BLOCK, one, {"reason": refused}) for one in subjects]
        return found, problems

    def _having(self, addresses: Sequence[str]) -> tuple[wire.Json, str]:
        """Contacts by address, and why some may be missing that are there: asked twice, for a hiccup."""
        for _ in range(2):
            data = wire.parse(self.api.batch("contacts", addresses, ["email"], by="email").body)
            if not (refused := holes.refused(data)):
                break
        return data, refused

    def readdressed(self, contacts: Collection[str], moment: datetime) -> set[str]:
        """Contacts whose addresses have changed since then; one of which nobody tells has, for all that is known."""
        unchanged: set[str] = set()
        for part in chunks(sorted(set(contacts)), HISTORY_PAGE):
            reply = self.api.batch("contacts", part, ["email"], history=ADDRESSES)
            for row in wire.rows(wire.parse(reply.body)):
                if all(at is not None and at < moment for at in _versions(row)):
                    unchanged.add(wire.id_of(row))
        return set(contacts) - unchanged


def _versions(row: wire.Json) -> Iterator[datetime | None]:
    """When each value that an address had was set; None where it cannot be read, or where none is told."""
    told = wire.part(row, "propertiesWithHistory")
    versions = [version for name in ADDRESSES for version in wire.listed(told, name)]
    if not versions:
        yield None
    for version in versions:
        try:
            yield parse_datetime(wire.text(version, "timestamp"))
        except ValueError:
            yield None
