"""The account itself: details, use of the daily quota, tokens, brands."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import flask

from mamigrate_sandbox.hubspot.gate import Gate
from mamigrate_sandbox.hubspot.portal import Answer, Portal, here, iso, moment
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("account", __name__)
LIFETIME_S = 1_800


@routes.get("/account-info/v3/details")
def details() -> Answer:
    portal = here()
    facts = portal.facts
    offset = portal.now().astimezone(ZoneInfo(facts.get("timeZone", "UTC"))).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    text = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return {**facts, "utcOffset": text, "utcOffsetMilliseconds": minutes * 60_000}


@routes.get("/account-info/v3/api-usage/daily/private-apps")
def usage() -> Answer:
    gate: Gate = flask.current_app.extensions["gate"]
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": gate.limits.limit("daily"),
        "currentUsage": gate.limits.used_today(),
        "collectedAt": here().stamp(),
        "fetchStatus": "SUCCESS",
        "resetsAt": gate.limits.resets_at(),
    }
    return {"results": [row]}


@routes.get("/business-units/v3/business-units/user/<user>")
def brands(user: str) -> Answer:
    return {"results": [body for _, body in here().store.all("business-units")]}


# --- tokens -----------------------------------------------------------------------------------------------------------


@routes.post("/oauth/v1/token")
def token() -> Answer:
    """authorization_code takes any code; refresh_token takes the one that was given. Raises 400."""
    portal, form = here(), flask.request.form
    if form.get("grant_type") not in ("authorization_code", "refresh_token"):
        raise invalid("missing or unknown grant_type", extra={"error": "unsupported_grant_type"})
    known = (form.get("client_id"), form.get("client_secret"))
    if known != (portal.store.setting("client_id"), portal.store.setting("client_secret")) or not all(known):
        raise Refusal(400, "VALIDATION_ERROR", "missing or invalid client id", extra={"error": "invalid_client"})
    refresh = portal.store.setting("refresh_token")
    if form["grant_type"] == "refresh_token" and form.get("refresh_token") != refresh:
        raise Refusal(400, "VALIDATION_ERROR", "missing or invalid refresh token", extra={"error": "invalid_grant"})
    return _issued(portal, refresh)


@routes.get("/oauth/v1/access-tokens/<token>")
def token_info(token: str) -> Answer:
    portal = here()
    issued = portal.store.get("oauth-tokens", token)
    if issued is None:
        raise not_found(f"No token {token[:4]}...")
    left = int((moment(issued["expiresAt"]) - portal.now()).total_seconds())
    return {
        "token": token,
        "user": "sandbox@example.com",
        "hub_domain": f"{portal.id}.example.com",
        "scopes": portal.store.setting("scopes") or ["oauth"],
        "hub_id": portal.id,
        "app_id": 1000,
        "expires_in": max(0, left),
        "user_id": 1,
        "token_type": "access",
    }


def _issued(portal: Portal, refresh: str | None) -> Body:
    access = f"CJ{portal.uuid()}"
    expires = portal.now() + timedelta(seconds=LIFETIME_S)
    portal.store.put("oauth-tokens", access, {"expiresAt": iso(expires)})
    return {
        "token_type": "bearer",
        "token_use": "access_token",
        "access_token": access,
        "refresh_token": refresh or "",
        "expires_in": LIFETIME_S,
        "hub_id": portal.id,
        "user_id": 1,
    }
