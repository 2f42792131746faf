"""/marketing/v3/campaigns: containers of assets (HubSpot docs, "Campaigns")."""

import flask

from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, here, inputs, listed, sent, words
from mamigrate_sandbox.hubspot.refusals import conflict, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("campaigns", __name__)
BASE = "/marketing/v3/campaigns"
_WRITABLE = {
    "hs_name", "hs_start_date", "hs_end_date", "hs_notes", "hs_audience", "hs_goal", "hs_owner", "hs_currency_code",
    "hs_campaign_status", "hs_utm", "hs_color_hex",
}  # fmt: skip
_STATES = {"planned", "in_progress", "active", "paused", "completed"}
_ASSETS = {
    "AD_CAMPAIGN", "AUTOMATION_PLATFORM_FLOW", "BLOG_POST", "CALL", "CASE_STUDY", "CTA", "EMAIL", "EXTERNAL_WEB_URL",
    "FEEDBACK_SURVEY", "FILE_MANAGER_FILE", "FORM", "KNOWLEDGE_ARTICLE", "LANDING_PAGE", "MARKETING_EMAIL",
    "MARKETING_EVENT", "MARKETING_SMS", "MEDIA", "MEETING_EVENT", "OBJECT_LIST", "PLAYBOOK", "PODCAST_EPISODE",
    "SALES_DOCUMENT", "SEQUENCE", "SITE_PAGE", "SOCIAL_BROADCAST", "WEB_INTERACTIVE",
}  # fmt: skip


@routes.get(BASE)
def index() -> Answer:
    name = flask.request.args.get("name", "").lower()
    rows = [body for _, body in here().store.all("campaigns")]
    found = [row for row in rows if name in str(row["properties"].get("hs_name", "")).lower()]
    return listed((_shown(row) for row in found), 50, 100, total=True)


@routes.post(BASE)
def create() -> Answer:
    return _shown(_made(here(), sent("properties", what="PublicCampaignInput")["properties"]), every=True), 201


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    portal, campaign = here(), _campaign(here(), id)
    assets = {}
    for kind in sorted(_ASSETS):
        rows = portal.store.links(f"campaign-assets/{kind}", id)
        if rows:
            assets[kind] = {"results": [_asset(end, body) for end, body in rows]}
    return _shown(campaign) | {"assets": assets}


@routes.patch(f"{BASE}/<id>")
def change(id: str) -> Answer:
    portal, properties = here(), sent("properties", what="PublicCampaignInput")["properties"]
    campaign = _campaign(portal, id)
    _check(portal, properties, own=id)
    campaign |= {"properties": campaign["properties"] | properties, "updatedAt": portal.stamp()}
    portal.store.put("campaigns", id, campaign)
    return _shown(campaign, every=True)


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    here().store.remove("campaigns", id)
    return NOTHING


@routes.post(f"{BASE}/batch/read")
def read_many() -> Answer:
    ids = [str(row["id"]) for row in inputs("BatchInputPublicCampaignReadInput", most=50)]
    rows = {id: here().store.get("campaigns", id) for id in ids}
    errors = [not_found(f"Campaign {id} does not exist").entry(id=[id]) for id, row in rows.items() if row is None]
    return batch([_shown(row) | {"assets": {}} for row in rows.values() if row], errors)


@routes.post(f"{BASE}/batch/create")
def create_many() -> Answer:
    rows = inputs("BatchInputPublicCampaignInput", most=50)
    return batch([_shown(_made(here(), row["properties"]), every=True) for row in rows], ok=201)


@routes.get(f"{BASE}/<id>/assets/<kind>")
def assets(id: str, kind: str) -> Answer:
    portal = here()
    _campaign(portal, id)
    return listed(_asset(end, body) for end, body in portal.store.links(f"campaign-assets/{_kind(kind)}", id))


@routes.put(f"{BASE}/<id>/assets/<kind>/<asset>")
def add_asset(id: str, kind: str, asset: str) -> Answer:
    portal = here()
    _campaign(portal, id)
    for holder, _ in portal.store.links_back(f"campaign-assets/{_kind(kind)}", asset):
        portal.store.unlink(f"campaign-assets/{kind}", holder, asset)
    portal.store.link(f"campaign-assets/{kind}", id, asset, {})
    return NOTHING


@routes.delete(f"{BASE}/<id>/assets/<kind>/<asset>")
def drop_asset(id: str, kind: str, asset: str) -> Answer:
    here().store.unlink(f"campaign-assets/{_kind(kind)}", id, asset)
    return NOTHING


# --- work -------------------------------------------------------------------------------------------------------------


def _campaign(portal: Portal, id: str) -> Body:
    found = portal.store.get("campaigns", id)
    if found is None:
        raise not_found(f"Campaign {id} does not exist")
    return found


def _kind(kind: str) -> str:
    if kind not in _ASSETS:
        raise invalid(f"Unknown asset type {kind}")
    return kind


def _asset(id: str, body: Body) -> Body:
    return {"id": id, **{name: body[name] for name in ("name", "metrics") if name in body}}


def _shown(row: Body, *, every: bool = False) -> Body:
    """Properties only as far as they are asked for, where the switch says so."""
    asked, strict = words("properties"), here().switches.campaign_properties_must_be_asked
    properties = row["properties"]
    if asked or (strict and not every):
        properties = {name: properties.get(name) for name in asked}
    kept = {name: row[name] for name in ("id", "createdAt", "updatedAt")}
    return {**kept, "businessUnits": row.get("businessUnits") or [{"id": 0}], "properties": properties}


def _made(portal: Portal, properties: Body) -> Body:
    if not properties.get("hs_name"):
        raise invalid("hs_name is required")
    _check(portal, properties, own="")
    id, now = portal.uuid(), portal.stamp()
    row = {"id": id, "businessUnits": [{"id": 0}], "properties": properties, "createdAt": now, "updatedAt": now}
    portal.store.put("campaigns", id, row)
    return row


def _check(portal: Portal, properties: Body, own: str) -> None:
    unknown = sorted(set(properties) - _WRITABLE)
    if unknown:
        raise invalid(f"Unknown or read only campaign properties: {unknown}")
    if properties.get("hs_campaign_status", "planned") not in _STATES:
        raise invalid(f"hs_campaign_status must be one of {sorted(_STATES)}")
    name = properties.get("hs_name")
    for id, row in portal.store.all("campaigns") if name else ():
        if id != own and row["properties"].get("hs_name") == name:
            raise conflict(f"A campaign named {name} already exists")
