"""/crm/v3/owners: people to whom records belong. Read-only."""

import flask

from mamigrate_sandbox.hubspot.portal import Answer, flag, here, listed
from mamigrate_sandbox.hubspot.refusals import not_found

routes = flask.Blueprint("owners", __name__)


@routes.get("/crm/v3/owners")
def index() -> Answer:
    email = flask.request.args.get("email", "").lower()
    rows = [body for _, body in here().store.all("owners") if bool(body.get("archived")) == flag("archived")]
    return listed(row for row in rows if not email or str(row.get("email", "")).lower() == email)


@routes.get("/crm/v3/owners/<id>")
def get(id: str) -> Answer:
    by = "userId" if flask.request.args.get("idProperty") == "userId" else "id"
    for _, body in here().store.all("owners"):
        if str(body.get(by)) == id and bool(body.get("archived")) == flag("archived"):
            return body
    raise not_found()
