"""What stands for an address: its status for one subscription type, and its opt-outs from everything.

Statuses hang on the lower-cased address, never on a contact (HubSpot docs, "Subscription preferences").
"""

from mamigrate_sandbox.store import Body, Store

PORTAL = "portal"


def definition(store: Store, id: str) -> Body | None:
    return store.get("definitions", id)


def wide(store: Store, address: str, brand: str = PORTAL) -> Body | None:
    """The opt-out from everything (or from everything of a brand), if there is one."""
    found = store.get("optouts", f"{address}|{brand}")
    return found if found and found["status"] == "UNSUBSCRIBED" else None


def covering(store: Store, address: str, type_: Body) -> Body | None:
    """The wide opt-out that covers a type: the portal's or its brand's, whichever is newer."""
    both = [wide(store, address), wide(store, address, str(type_.get("businessUnitId", 0)))]
    found = [each for each in both if each]
    return max(found, key=lambda each: str(each["timestamp"])) if found else None


def effective(store: Store, address: str, id: str) -> Body:
    """The status of an address for a type, as v4 shows it: its own, or a newer wide opt-out's, or NOT_SPECIFIED."""
    type_ = store.get("definitions", id) or {}
    own = store.get("statuses", f"{address}|{id}")
    over = covering(store, address, type_)
    if over and (own is None or over["timestamp"] >= own["timestamp"]):
        source = own["source"] if own and own["status"] == "UNSUBSCRIBED" else "Unsubscribed from all"
        return blank(address, type_) | {"status": "UNSUBSCRIBED", "timestamp": over["timestamp"], "source": source}
    return blank(address, type_) | own if own else blank(address, type_)


def blank(address: str, type_: Body) -> Body:
    return {
        "businessUnitId": int(type_.get("businessUnitId", 0)),
        "channel": "EMAIL",
        "subscriberIdString": address,
        "subscriptionId": int(type_.get("id", 0)),
        "subscriptionName": type_.get("name", ""),
        "status": "NOT_SPECIFIED",
        "source": "Not specified",
        "legalBasis": None,
        "legalBasisExplanation": None,
        "setStatusSuccessReason": None,
        "timestamp": type_.get("createdAt", "1970-01-01T00:00:00.000Z"),
    }
