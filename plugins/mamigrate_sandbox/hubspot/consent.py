"""Changing what an address allows. All three generations of the API come through here."""

from dataclasses import dataclass

from mamigrate_sandbox.hubspot import mirrors, status
from mamigrate_sandbox.hubspot.portal import Portal, millis_of
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body

BASES = {
    "LEGITIMATE_INTEREST_PQL", "LEGITIMATE_INTEREST_CLIENT", "LEGITIMATE_INTEREST_OTHER", "PERFORMANCE_OF_CONTRACT",
    "CONSENT_WITH_NOTICE", "PROCESS_AND_STORE", "NON_GDPR",
}  # fmt: skip
STATES = {"SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"}
NO_BASIS = "Legal Basis is required for resubscribing a contact on GDPR enabled portals"


@dataclass(frozen=True)
class Wish:
    """One change asked for: an address, a type, a state; why it would be lawful; who asks."""

    address: str
    type_id: str
    state: str
    basis: str | None = None
    explanation: str | None = None
    source: str = "Public status API, App ID:1000"


def wish(address: str, body: Body) -> Wish:
    """From a v4 request. Raises 400."""
    channel, state, basis = body.get("channel"), str(body.get("statusState")), body.get("legalBasis")
    if channel != "EMAIL":
        raise invalid(f"Channel {channel} is not supported; the only one is EMAIL")
    if state not in STATES:
        raise invalid(f"statusState must be one of {sorted(STATES)}, it was {state}")
    if basis is not None and basis not in BASES:
        raise invalid(f"legalBasis must be one of {sorted(BASES)}, it was {basis}")
    return Wish(address, str(body["subscriptionId"]), state, basis, body.get("legalBasisExplanation"))


def type_of(portal: Portal, id: str) -> Body:
    found = status.definition(portal.store, id)
    if found is None:
        raise not_found(f"Subscription {id} does not exist")
    return found


def change(portal: Portal, wish: Wish) -> Body:
    """Do it and return the status with its ``setStatusSuccessReason``. Raises 400 and 404."""
    type_of(portal, wish.type_id)
    before = status.effective(portal.store, wish.address, wish.type_id)
    _allowed(portal, wish, before)
    if before["status"] == wish.state:
        return before | {"setStatusSuccessReason": "NO_STATUS_CHANGE"}
    if wish.state == "SUBSCRIBED":
        _lift(portal, wish)
    now = _put(portal, wish, before)
    _told(portal, wish, now["timestamp"])
    mirrors.refresh(portal, wish.address)
    back = before["status"] == "UNSUBSCRIBED" and wish.state == "SUBSCRIBED"
    return now | {"setStatusSuccessReason": "RESUBSCRIBE_OCCURRED" if back else "REQUESTED_CHANGE_OCCURRED"}


def unsubscribe_all(
    portal: Portal, address: str, brand: str = status.PORTAL, source: str = "Public status API, App ID:1000"
) -> list[Body]:
    """Opt an address out of everything (of a brand); afterwards every type reads UNSUBSCRIBED with one time."""
    now, types = portal.stamp(), _types(portal, brand)
    if status.wide(portal.store, address, brand):
        present = [status.effective(portal.store, address, type_["id"]) for type_ in types]
        if all(state["status"] == "UNSUBSCRIBED" for state in present):
            return [state | {"setStatusSuccessReason": "NO_STATUS_CHANGE"} for state in present]
    else:
        body: Body = {
            "wideStatusType": "PORTAL_WIDE" if brand == status.PORTAL else "BUSINESS_UNIT_WIDE",
            "status": "UNSUBSCRIBED",
            "channel": "EMAIL",
            "timestamp": now,
            "subscriberIdString": address,
        }
        if brand != status.PORTAL:
            body["businessUnitId"] = int(brand)
        portal.store.put("optouts", f"{address}|{brand}", body, {"address": address})
    for type_ in types:
        state = status.effective(portal.store, address, type_["id"])
        wish = Wish(address, type_["id"], "UNSUBSCRIBED", source=source)
        _put(portal, wish, state, at=now)
    portal_change = {"changeType": "PORTAL_STATUS", "change": "UNSUBSCRIBED", "source": source}
    _record(portal, address, portal_change, at=now)
    mirrors.refresh(portal, address)
    reason = {"setStatusSuccessReason": "UNSUBSCRIBE_FROM_ALL_OCCURRED"}
    return [status.effective(portal.store, address, type_["id"]) | reason for type_ in types]


def _types(portal: Portal, brand: str) -> list[Body]:
    """The types that an opt-out covers."""
    rows = [body for _, body in portal.store.all("definitions")]
    return [row for row in rows if brand in (status.PORTAL, str(row.get("businessUnitId", 0)))]


def _allowed(portal: Portal, wish: Wish, before: Body) -> None:
    switches = portal.switches
    if wish.state == "SUBSCRIBED":
        if switches.privacy_required and not wish.basis:
            raise invalid(NO_BASIS)
        if switches.legacy_optout_is_final and portal.store.get("sealed", wish.address):
            raise invalid("You cannot subscribe an unsubscribed address.")
    undecided = wish.state == "NOT_SPECIFIED" and before["status"] == "UNSUBSCRIBED"
    if undecided and not switches.not_specified_after_unsubscribe:
        raise invalid(
            f"Subscription {wish.type_id} for {wish.address} cannot be set to NOT_SPECIFIED after UNSUBSCRIBED"
        )


def _lift(portal: Portal, wish: Wish) -> None:
    """A subscription may lift the opt-out from everything; the other types stay unsubscribed, each by itself."""
    type_ = type_of(portal, wish.type_id)
    if status.covering(portal.store, wish.address, type_) is None or not portal.switches.resubscribe_clears_wide:
        return
    for _, other in portal.store.all("definitions"):
        state = status.effective(portal.store, wish.address, other["id"])
        if state["status"] == "UNSUBSCRIBED" and other["id"] != wish.type_id:
            _put(
                portal,
                Wish(wish.address, other["id"], "UNSUBSCRIBED", source=state["source"]),
                state,
                at=state["timestamp"],
            )
    for brand in (status.PORTAL, str(type_.get("businessUnitId", 0))):
        portal.store.remove("optouts", f"{wish.address}|{brand}")
    _record(portal, wish.address, {"changeType": "PORTAL_STATUS", "change": "SUBSCRIBED", "source": wish.source})


def _put(portal: Portal, wish: Wish, before: Body, at: str = "") -> Body:
    body = before | {
        "status": wish.state,
        "source": wish.source,
        "legalBasis": wish.basis,
        "legalBasisExplanation": wish.explanation,
        "setStatusSuccessReason": None,
        "timestamp": at or portal.stamp(),
    }
    portal.store.put("statuses", f"{wish.address}|{wish.type_id}", body, {"address": wish.address})
    return body


def _told(portal: Portal, wish: Wish, at: str) -> None:
    row = {"changeType": "SUBSCRIPTION_STATUS", "change": wish.state, "source": wish.source}
    _record(portal, wish.address, row | {"subscriptionId": int(wish.type_id)}, at=at)


def _record(portal: Portal, address: str, change: Body, at: str = "") -> None:
    """One entry of the legacy timeline."""
    id = portal.store.next_id("timeline")
    entry = {"timestamp": millis_of(at) if at else portal.millis(), "portalId": portal.id, "recipient": address}
    full = {"portalId": portal.id, "subscriptionId": None, "causedByEvent": None, **change}
    portal.store.put("timeline", str(id), {**entry, "changes": [full]})
