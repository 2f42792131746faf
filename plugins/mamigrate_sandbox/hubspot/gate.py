"""What stands before every route: counting, the token, the limits, the scopes; and the headers after it."""

import uuid
from dataclasses import dataclass

import flask

from mamigrate_sandbox.hubspot import scopes
from mamigrate_sandbox.hubspot.limits import Limits
from mamigrate_sandbox.hubspot.portal import Portal, moment
from mamigrate_sandbox.hubspot.refusals import Refusal

LONGEST_URL = 16_384
_OPEN = ("/oauth/",)


@dataclass(frozen=True)
class Caller:
    """Who holds the token. ``scopes`` None: all."""

    oauth: bool
    scopes: tuple[str, ...] | None


class Gate:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.limits = Limits(portal)

    def enter(self) -> None:
        """Runs before a route; raises 401, 403, 414 or 429."""
        request = flask.request
        rule = str(request.url_rule) if request.url_rule else "unknown"
        self._portal.store.add(f"call/{request.method} {rule}")
        if len(request.full_path) > LONGEST_URL:
            raise Refusal(414, "VALIDATION_ERROR", "URI too long")
        if request.path.startswith(_OPEN):
            return
        caller = self._caller()
        flask.g.oauth = caller.oauth
        self.limits.take(search=_is_search(), oauth=caller.oauth)
        self._allow(caller)

    def leave(self, response: flask.Response) -> flask.Response:
        response.headers["X-HubSpot-Correlation-Id"] = correlation()
        oauth = flask.g.get("oauth")
        if oauth is not None:
            response.headers.update(self.limits.headers(search=_is_search(), oauth=oauth))
        return response

    def _caller(self) -> Caller:
        kind, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        store = self._portal.store
        if kind.lower() != "bearer" or not token:
            raise _unauthorized("INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if token == store.setting("access_token"):
            granted = store.setting("scopes")
            return Caller(False, None if granted is None else tuple(granted))
        issued = store.get("oauth-tokens", token)
        if issued is None:
            raise _unauthorized("INVALID_AUTHENTICATION", "The token is not valid.")
        if moment(issued["expiresAt"]) <= self._portal.clock.now():
            raise _unauthorized(
                "EXPIRED_AUTHENTICATION", f"The OAuth token used to make this call expired at {issued['expiresAt']}."
            )
        granted = store.setting("scopes")
        return Caller(True, None if granted is None else tuple(granted))

    def _allow(self, caller: Caller) -> None:
        wanted = scopes.needed(flask.request.method, flask.request.path)
        if not wanted or caller.scopes is None or set(wanted) & set(caller.scopes):
            return
        message = (
            "This app hasn't been granted all required scopes to make this call. Ask an account admin to grant them."
        )
        detail = {"message": "One or more of the following scopes are required.", "context": {"requiredScopes": wanted}}
        raise Refusal(403, "MISSING_SCOPES", message, errors=[detail])


def correlation() -> str:
    """One id a request, the same in its body and its header."""
    if "correlation" not in flask.g:
        flask.g.correlation = str(uuid.uuid4())
    return str(flask.g.correlation)


def _is_search() -> bool:
    path = flask.request.path
    return path.startswith("/crm/v3/objects/") and path.endswith("/search")


def _unauthorized(category: str, problem: str) -> Refusal:
    return Refusal(401, category, f"Authentication failed: {problem}")
