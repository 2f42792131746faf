"""The WSGI application: HubSpot for any client, on one store."""

from typing import Any

import flask
import orjson
from flask.json.provider import JSONProvider
from werkzeug.exceptions import HTTPException

from mamigrate_sandbox.clock import Ticking, dated
from mamigrate_sandbox.hubspot import (
    account,
    association_routes,
    batches,
    campaigns,
    consent_legacy,
    consent_v3,
    consent_v4,
    email_events,
    emails,
    enrolments,
    files,
    flows,
    forms,
    lists,
    marketing_events,
    memberships,
    objects,
    owners,
    pages,
    pipelines,
    properties,
)
from mamigrate_sandbox.hubspot.aliases import Aliases
from mamigrate_sandbox.hubspot.gate import Gate, correlation
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import Refusal
from mamigrate_sandbox.store import Store

_ROOMS = (
    account, association_routes, batches, campaigns, consent_legacy, consent_v3, consent_v4, email_events, emails,
    enrolments, files, flows, forms, lists, marketing_events, memberships, objects, owners, pages, pipelines,
    properties,
)  # fmt: skip


def create(store: Store, clock: Ticking) -> flask.Flask:
    """An application on ``store``; any number of threads may call it. The store must hold an account: see
    ``describe.install_defaults``."""
    app = HubSpot("mamigrate_sandbox.hubspot", static_folder=None)
    app.json = OrJson(app)
    portal = Portal(store, clock)
    app.extensions["portal"] = portal
    app.extensions["gate"] = gate = Gate(portal)
    app.url_map.merge_slashes = False
    for room in _ROOMS:
        app.register_blueprint(room.routes)
    app.before_request(gate.enter)
    app.after_request(gate.leave)
    app.after_request(lambda response: dated(response, clock.now()))
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _unrouted)
    app.wsgi_app = Aliases(app.wsgi_app)  # type: ignore[method-assign]
    return app


class HubSpot(flask.Flask):
    """A call that may write is one transaction: a refused one leaves no trace."""

    def dispatch_request(self) -> Any:
        if flask.request.method == "GET" or flask.request.routing_exception is not None:
            return super().dispatch_request()
        portal: Portal = self.extensions["portal"]
        with portal.store.transaction():
            return super().dispatch_request()


class OrJson(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        return flask.Response(orjson.dumps(args[0] if args else kwargs), mimetype="application/json;charset=utf-8")


def _refused(refusal: Refusal) -> tuple[dict[str, Any], int]:
    return refusal.envelope(correlation()), refusal.status


def _unrouted(error: HTTPException) -> tuple[dict[str, Any], int]:
    code = error.code or 500
    refusal = Refusal(
        code, "OBJECT_NOT_FOUND" if code == 404 else "VALIDATION_ERROR", error.description or "resource not found"
    )
    return refusal.envelope(correlation()), code
