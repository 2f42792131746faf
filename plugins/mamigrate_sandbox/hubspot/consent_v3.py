"""/communication-preferences/v3: cannot subscribe anybody who has unsubscribed, and knows two states."""

import flask

from mamigrate_sandbox.hubspot import consent, status
from mamigrate_sandbox.hubspot.portal import Answer, Portal, here, sent
from mamigrate_sandbox.hubspot.refusals import invalid
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("consent_v3", __name__)
BASE = "/communication-preferences/v3"


@routes.get(f"{BASE}/definitions")
def definitions() -> Answer:
    return {"subscriptionDefinitions": [body for _, body in here().store.all("definitions")]}


@routes.get(f"{BASE}/status/email/<who>")
def get(who: str) -> Answer:
    portal, who = here(), who.strip().lower()
    types = [body for _, body in portal.store.all("definitions") if body.get("isActive", True)]
    return {"recipient": who, "subscriptionStatuses": [_status(portal, who, type_) for type_ in types]}


@routes.post(f"{BASE}/subscribe")
def subscribe() -> Answer:
    portal, wish = here(), _wish("SUBSCRIBED")
    if portal.switches.privacy_required and not wish.basis:
        raise invalid(consent.NO_BASIS)
    if status.effective(portal.store, wish.address, wish.type_id)["status"] == "UNSUBSCRIBED":
        raise invalid(
            f"Subscription {wish.type_id} for {wish.address} cannot be updated because they have unsubscribed"
        )
    return _changed(portal, wish)


@routes.post(f"{BASE}/unsubscribe")
def unsubscribe() -> Answer:
    portal, wish = here(), _wish("UNSUBSCRIBED")
    if status.effective(portal.store, wish.address, wish.type_id)["status"] == "UNSUBSCRIBED":
        raise invalid(f"{wish.address} is already unsubscribed from subscription {wish.type_id}")
    return _changed(portal, wish)


def _wish(state: str) -> consent.Wish:
    body = sent("emailAddress", "subscriptionId", what="PublicUpdateSubscriptionStatusRequest")
    basis = body.get("legalBasis")
    if basis is not None and basis not in consent.BASES:
        raise invalid(f"legalBasis must be one of {sorted(consent.BASES)}, it was {basis}")
    address, type_id = str(body["emailAddress"]).strip().lower(), str(body["subscriptionId"])
    consent.type_of(here(), type_id)
    return consent.Wish(address, type_id, state, basis, body.get("legalBasisExplanation"))


def _changed(portal: Portal, wish: consent.Wish) -> Body:
    consent.change(portal, wish)
    return _status(portal, wish.address, consent.type_of(portal, wish.type_id))


def _status(portal: Portal, who: str, type_: Body) -> Body:
    found = status.effective(portal.store, who, type_["id"])
    over = status.covering(portal.store, who, type_)
    wide = over is not None and over["timestamp"] >= found["timestamp"]
    by_brand = over is not None and over["wideStatusType"] == "BUSINESS_UNIT_WIDE"
    states = {"SUBSCRIBED": "SUBSCRIBED", "UNSUBSCRIBED": "NOT_SUBSCRIBED"}
    shown = {
        "id": type_["id"],
        "name": type_["name"],
        "description": type_["description"],
        "status": states.get(found["status"], portal.switches.v3_not_specified_reads),
        "sourceOfStatus": ("BRAND_WIDE_STATUS" if by_brand else "PORTAL_WIDE_STATUS")
        if wide
        else "SUBSCRIPTION_STATUS",
        "brandId": int(type_.get("businessUnitId", 0)),
        "preferenceGroupName": None,
        "legalBasis": found["legalBasis"],
        "legalBasisExplanation": found["legalBasisExplanation"],
    }
    return {name: value for name, value in shown.items() if value is not None}
