"""/communication-preferences/v4: the present consent API (HubSpot docs, "Subscription preferences v4")."""

import flask

from mamigrate_sandbox.hubspot import consent, status
from mamigrate_sandbox.hubspot.portal import Answer, Portal, batch, flag, here, inputs, sent
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.hubspot.values import Wrong, address
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("consent_v4", __name__)
BASE = "/communication-preferences/v4"


@routes.get(f"{BASE}/definitions")
def definitions() -> Answer:
    brand = flask.request.args.get("businessUnitId")
    rows = [body for _, body in here().store.all("definitions")]
    shown = [row for row in rows if brand is None or str(row.get("businessUnitId", 0)) == brand]
    if not flag("includeTranslations"):
        shown = [{key: value for key, value in row.items() if key != "subscriptionTranslations"} for row in shown]
    return batch(shown)


@routes.get(f"{BASE}/statuses/<who>")
def get(who: str) -> Answer:
    portal, who = here(), _address(who)
    _channel()
    if portal.switches.unknown_address_not_found and not portal.store.find("contacts", "email", who):
        raise not_found(f"No subscriber {who}")
    return batch(_statuses(portal, who))


@routes.post(f"{BASE}/statuses/<who>")
def write(who: str) -> Answer:
    body = sent("channel", "statusState", "subscriptionId", what="PartialPublicStatusRequest")
    return batch([consent.change(here(), consent.wish(_address(who), body))])


@routes.get(f"{BASE}/statuses/<who>/unsubscribe-all")
def get_wide(who: str) -> Answer:
    _channel()
    return batch(_wide(here(), _address(who)))


@routes.post(f"{BASE}/statuses/<who>/unsubscribe-all")
def unsubscribe_all(who: str) -> Answer:
    _channel()
    changed = consent.unsubscribe_all(here(), _address(who), _brand())
    return batch(changed if flag("verbose") else [])


@routes.post(f"{BASE}/statuses/batch/read")
def read_many() -> Answer:
    _channel()
    portal, people = here(), [_address(str(who)) for who in inputs("BatchInputString")]
    return batch([{"subscriberIdString": who, "statuses": _statuses(portal, who)} for who in people])


@routes.post(f"{BASE}/statuses/batch/write")
def write_many() -> Answer:
    needed = ("subscriberIdString", "channel", "statusState", "subscriptionId")
    rows = inputs("BatchInputPublicStatusRequest")
    if any(row.get(name) is None for row in rows for name in needed):
        raise invalid(f"Every input needs {', '.join(needed)}")
    wishes = [consent.wish(_address(str(row["subscriberIdString"])), row) for row in rows]
    return batch([consent.change(here(), wish) for wish in wishes])


@routes.post(f"{BASE}/statuses/batch/unsubscribe-all")
def unsubscribe_many() -> Answer:
    _channel()
    portal, results = here(), []
    for who in [_address(str(who)) for who in inputs("BatchInputString")]:
        changed = consent.unsubscribe_all(portal, who, _brand())
        results.append({"subscriberIdString": who, "statuses": changed if flag("verbose") else []})
    return batch(results)


@routes.post(f"{BASE}/statuses/batch/unsubscribe-all/read")
def read_wide_many() -> Answer:
    _channel()
    portal, people = here(), [_address(str(who)) for who in inputs("BatchInputString")]
    return batch([{"subscriberIdString": who, "wideStatuses": _wide(portal, who)} for who in people])


@routes.post(f"{BASE}/links/generate")
def links() -> Answer:
    body = sent("subscriberIdString", what="LinkGenerationRequest")
    who, base = _address(str(body["subscriberIdString"])), f"https://{here().id}.example.com/preferences"
    found = {
        "subscriberIdString": who,
        "managePreferencesUrl": f"{base}/{who}",
        "unsubscribeAllUrl": f"{base}/{who}/all",
    }
    if body.get("subscriptionId"):
        found["unsubscribeSingleUrl"] = f"{base}/{who}/{body['subscriptionId']}"
    return found


# --- work -------------------------------------------------------------------------------------------------------------


def _statuses(portal: Portal, who: str) -> list[Body]:
    brand = flask.request.args.get("businessUnitId")
    types = [body for _, body in portal.store.all("definitions") if body.get("isActive", True)]
    chosen = [t for t in types if brand is None or str(t.get("businessUnitId", 0)) == brand]
    return [status.effective(portal.store, who, t["id"]) for t in chosen]


def _wide(portal: Portal, who: str) -> list[Body]:
    """Empty when nothing was opted out of as a whole."""
    brand = flask.request.args.get("businessUnitId")
    brands = [str(body["id"]) for _, body in portal.store.all("business-units")] or ["0"]
    asked = [status.PORTAL, *brands] if brand is None else [status.PORTAL, brand]
    found = [status.wide(portal.store, who, each) for each in asked]
    return [each for each in found if each]


def _brand() -> str:
    return flask.request.args.get("businessUnitId") or status.PORTAL


def _channel() -> None:
    channel = flask.request.args.get("channel")
    if channel != "EMAIL":
        raise invalid(f"Query parameter channel is required and must be EMAIL, it was {channel}")


def _address(text: str) -> str:
    try:
        return address(text.strip(), unicode=True)
    except Wrong as wrong:
        raise invalid(wrong.sentence) from wrong
