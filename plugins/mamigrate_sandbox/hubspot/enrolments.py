"""/automation/v2: put one contact into a workflow, take it out, see where it is. Ids are the old workflow ids."""

import flask

from mamigrate_sandbox.hubspot import records, triggers
from mamigrate_sandbox.hubspot.kinds import CONTACTS
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, here, millis_of
from mamigrate_sandbox.hubspot.refusals import not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("enrolments", __name__)
BASE = "/automation/v2/workflows"
ONE = f"{BASE}/<workflow>/enrollments/contacts/<email>"


@routes.post(ONE)
def enrol(workflow: str, email: str) -> Answer:
    portal = here()
    triggers.enrol(portal, _flow(portal, workflow), records.get(portal, CONTACTS, email, "email"))
    return NOTHING


@routes.delete(ONE)
def leave(workflow: str, email: str) -> Answer:
    portal = here()
    _flow(portal, workflow)
    contact = records.get(portal, CONTACTS, email, "email")
    portal.store.unlink("enrolment", workflow, contact["id"])
    return NOTHING


@routes.get(f"{BASE}/enrollments/contacts/<contact>")
def current(contact: str) -> Answer:
    portal = here()
    id = records.get(portal, CONTACTS, contact)["id"]
    flows = [(workflow, _find(portal, workflow)) for workflow, _ in portal.store.links_back("enrolment", id)]
    return flask.jsonify([_shown(portal, workflow, flow) for workflow, flow in flows if flow])


@routes.get("/automation/v3/workflows")
def index() -> Answer:
    """Contact workflows in the old shape, without their actions."""
    portal = here()
    mapped = {id: str(body["workflowId"]) for id, body in portal.store.all("workflow-ids")}
    flows = [flow for id, flow in portal.store.all("flows") if id in mapped and flow["objectTypeId"] == "0-1"]
    return {"workflows": [_shown(portal, mapped[flow["id"]], flow) for flow in flows]}


def _find(portal: Portal, workflow: str) -> Body | None:
    for id, body in portal.store.all("workflow-ids"):
        if str(body["workflowId"]) == workflow:
            return portal.store.get("flows", id)
    return None


def _flow(portal: Portal, workflow: str) -> Body:
    found = _find(portal, workflow)
    if found is None:
        raise not_found(f"Workflow {workflow} does not exist")
    return found


def _shown(portal: Portal, workflow: str, flow: Body) -> Body:
    inside = len(portal.store.links("enrolment", workflow))
    return {
        "id": int(workflow),
        "name": flow.get("name", ""),
        "type": "DRIP_DELAY",
        "enabled": flow["isEnabled"],
        "insertedAt": millis_of(flow["createdAt"]),
        "updatedAt": millis_of(flow["updatedAt"]),
        "contactCounts": {"active": inside, "enrolled": inside},
        "migrationStatus": {"portalId": portal.id, "workflowId": int(workflow), "flowId": int(flow["id"])},
    }
