"""What an estate knows of permission, as HubSpot keeps it: per address, with a log (HubSpot docs, "Subscriptions")."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.world import OWN_RETURN, Brand, Choice, LooseDenial, Person, Topic, WideDenial
from mamigrate_sandbox.store import Store

Body = dict[str, Any]


class ConsentWriter:
    """Writes statuses, wide opt-outs and the log; ``mirrors`` gives the properties that repeat them on a contact."""

    def __init__(self, store: Store, topics: Mapping[str, Topic], brands: Mapping[str, Brand]) -> None:
        self._store, self._topics, self._brands = store, topics, brands
        self._row = store.next_id("timeline") - 1
        self._all: dict[str, int] = {}

    def definitions(self) -> None:
        """Write the subscription types. Call before anything else, because mirrors need all of them."""
        for topic in self._topics.values():
            body = {
                "id": str(topic.number), "name": topic.name, "description": topic.name, "purpose": "Marketing", "communicationMethod": "Email",
                "isActive": topic.active, "isDefault": False, "isInternal": False, "businessUnitId": self._brands[topic.brand].number,
                "createdAt": "2019-04-01T00:00:00.000Z", "updatedAt": "2024-04-01T00:00:00.000Z",
            }  # fmt: skip
            self._store.put("definitions", str(topic.number), body)
        self._all = {id: int(body["businessUnitId"]) for id, body in self._store.all("definitions")}

    def person(self, person: Person) -> None:
        address = (person.address or "").lower()
        if not address:
            return
        for past in person.past:
            self._log(address, past.at, past.how, past.wanted, past.topic)
        for choice in person.choices:
            self._status(address, choice)
        if person.wide is not None:
            self._wide(address, person.wide)
        if person.complaint is not None:
            self._change(address, person.complaint, "PORTAL_SPAMREPORT", "REPORTED_SPAM", "SOURCE_RECIPIENT", None)
        if person.bounce is not None:
            self._change(address, person.bounce.at, "PORTAL_BOUNCE", "BOUNCED", "SOURCE_HUBSPOT_EMAIL", None)

    def loose(self, denial: LooseDenial) -> None:
        self._wide(denial.address.lower(), WideDenial(denial.brand, denial.at, denial.how))

    def mirrors(self, person: Person) -> dict[str, str]:
        """Read-only properties of the contact that repeat its address's state. A yes after a wide no shows as yes."""
        values: dict[str, str] = {}
        wide = person.wide
        if person.address is None:
            return values
        if wide is not None:
            unit = None if wide.brand is None else self._brands[wide.brand].number
            covered = (id for id, owner in self._all.items() if unit is None or owner == unit)
            values = {f"hs_email_optout_{id}": "true" for id in covered}
            if unit is None:
                values["hs_email_optout"] = "true"
        for choice in person.choices:
            if (
                wide is None
                or not choice.wanted
                or choice.at > wide.at
                or wide.brand not in (None, self._topics[choice.topic].brand)
            ):
                values[f"hs_email_optout_{self._topics[choice.topic].number}"] = "false" if choice.wanted else "true"
        return values

    def _status(self, address: str, choice: Choice) -> None:
        topic = self._topics[choice.topic]
        body = {
            "businessUnitId": self._brands[topic.brand].number, "channel": "EMAIL", "subscriberIdString": address,
            "subscriptionId": topic.number, "subscriptionName": topic.name, "status": "SUBSCRIBED" if choice.wanted else "UNSUBSCRIBED",
            "source": choice.how, "legalBasis": choice.basis, "legalBasisExplanation": choice.note, "setStatusSuccessReason": None,
            "timestamp": names.iso(choice.at),
        }  # fmt: skip
        self._store.put("statuses", f"{address}|{topic.number}", body, {"address": address})
        self._log(address, choice.at, choice.how, choice.wanted, choice.topic)

    def _wide(self, address: str, wide: WideDenial) -> None:
        number = None if wide.brand is None else self._brands[wide.brand].number
        body: Body = {
            "wideStatusType": "PORTAL_WIDE" if number is None else "BUSINESS_UNIT_WIDE", "status": "UNSUBSCRIBED", "channel": "EMAIL",
            "timestamp": names.iso(wide.at), "subscriberIdString": address,
        }  # fmt: skip
        if number is not None:
            body["businessUnitId"] = number
        self._store.put("optouts", f"{address}|{'portal' if number is None else number}", body, {"address": address})
        self._log(address, wide.at, wide.how, False, None)

    def _log(self, address: str, at: datetime, how: str, wanted: bool, topic: str | None) -> None:
        kind = "PORTAL_STATUS" if topic is None else "SUBSCRIPTION_STATUS"
        source = (
            "SOURCE_RECIPIENT"
            if how in ("Recipient", "Unsubscribe page", OWN_RETURN)
            else "SOURCE_FORM"
            if how.startswith("Form")
            else "SOURCE_IMPORT"
            if "mport" in how
            else "SOURCE_API"
        )
        number = None if topic is None else self._topics[topic].number
        self._change(address, at, kind, "SUBSCRIBED" if wanted else "UNSUBSCRIBED", source, number)

    def _change(
        self, address: str, at: datetime, kind: str, change: str, source: str, subscription: int | None
    ) -> None:
        self._row += 1
        entry: Body = {
            "changeType": kind,
            "change": change,
            "source": source,
            "portalId": names.PORTAL,
            "causedByEvent": {"id": names.guid("cause", self._row), "created": names.millis(at)},
        }
        if subscription is not None:
            entry["subscriptionId"] = subscription
        row = {"timestamp": names.millis(at), "portalId": names.PORTAL, "recipient": address, "changes": [entry]}
        self._store.put("timeline", str(self._row), row)
