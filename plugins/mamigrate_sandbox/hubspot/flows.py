"""/automation/v4: workflows as graphs of actions (HubSpot docs, "Workflows v4")."""

import flask

from mamigrate_sandbox.hubspot import triggers
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, here, inputs, listed, sent
from mamigrate_sandbox.hubspot.refusals import Refusal, conflict, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("flows", __name__)
BASE = "/automation/v4/flows"
_LISTED = ("id", "uuid", "name", "flowType", "isEnabled", "objectTypeId", "revisionId", "createdAt", "updatedAt")
_CONTACT = ("canEnrollFromSalesforce", "suppressionListIds")
_REQUIRED = ("type", "flowType", "objectTypeId", "isEnabled", "actions", "timeWindows", "blockedDates", "customProperties", "dataSources")  # fmt: skip
_OWN = ("id", "uuid", "revisionId", "createdAt", "updatedAt", "flowType", "objectTypeId", "dataSources")


@routes.get(BASE)
def index() -> Answer:
    rows = [body for _, body in here().store.all("flows")]
    return listed({name: row[name] for name in _LISTED if name in row} for row in rows)


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return _flow(here(), id)


@routes.post(BASE)
def create() -> Answer:
    portal, body = here(), sent()
    required = _REQUIRED + (_CONTACT if body.get("type") == "CONTACT_FLOW" else ())
    absent = [name for name in required if body.get(name) is None]
    if absent:
        raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
    _kind(body)
    _graph(portal, body, creating=True)
    id, now = str(portal.store.next_id("flows", 3001)), portal.stamp()
    flow = body | {"id": id, "revisionId": "1", "createdAt": now, "updatedAt": now}
    flow |= {"nextAvailableActionId": _next(body), "crmObjectCreationStatus": "COMPLETE", "uuid": portal.uuid()}
    portal.store.put("flows", id, flow)
    portal.store.put("workflow-ids", id, {"workflowId": portal.store.next_id("workflow-numbers", 500_001)})
    if flow["isEnabled"]:
        triggers.enabled(portal, flow)
    return flow, 201


@routes.put(f"{BASE}/<id>")
def replace(id: str) -> Answer:
    """The whole flow: what is left out is gone. Raises 409 for a revision that is not the newest."""
    portal, body, present = here(), sent("revisionId", "type", what="ApiFlowPutRequest"), _flow(here(), id)
    if str(body["revisionId"]) != present["revisionId"]:
        raise conflict(f"Revision {body['revisionId']} is not the newest one, {present['revisionId']}")
    _graph(portal, body, creating=False)
    kept = {name: present[name] for name in _OWN if name in present}
    flow = body | kept | {"revisionId": str(int(present["revisionId"]) + 1), "updatedAt": portal.stamp()}
    flow |= {"nextAvailableActionId": _next(body), "crmObjectCreationStatus": "COMPLETE"}
    portal.store.put("flows", id, flow)
    if flow["isEnabled"] and not present["isEnabled"]:
        triggers.enabled(portal, flow)
    return flow


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    _flow(here(), id)
    here().store.remove("flows", id)
    return NOTHING


@routes.post(f"{BASE}/batch/read")
def read_many() -> Answer:
    portal, found, errors = here(), [], []
    for id in [str(row.get("flowId")) for row in inputs("ApiFlowBatchInput")]:
        flow = portal.store.get("flows", id)
        if flow:
            found.append(flow)
        else:
            errors.append(not_found(f"Flow {id} does not exist").entry(flowId=[id]))
    return batch(found, errors)


@routes.get(f"{BASE}/email-campaigns")
def email_campaigns() -> Answer:
    wanted = flask.request.args.getlist("flowId")
    rows = [body for _, body in here().store.all("flow-emails")]
    return listed(row for row in rows if not wanted or row["flowId"] in wanted)


@routes.post("/automation/v4/workflow-id-mappings/batch/read")
def ids() -> Answer:
    pairs = {id: str(body["workflowId"]) for id, body in here().store.all("workflow-ids")}
    back = {workflow: flow for flow, workflow in pairs.items()}
    found, errors = [], []
    for row in inputs("ApiFlowBatchMigrationInput"):
        flow = str(row.get("flowId")) if row.get("type") == "FLOW_ID" else back.get(str(row.get("workflowId")), "")
        if flow in pairs:
            found.append({"flowId": int(flow), "workflowId": int(pairs[flow])})
        else:
            errors.append(
                not_found("No mapping for this id").entry(id=[str(row.get("flowId") or row.get("workflowId"))])
            )
    return batch(found, errors)


# --- work -------------------------------------------------------------------------------------------------------------


def _flow(portal: Portal, id: str) -> Body:
    found = portal.store.get("flows", id)
    if found is None:
        raise not_found(f"Flow {id} does not exist")
    return found


def _kind(body: Body) -> None:
    if (body["type"] == "CONTACT_FLOW") != (body["objectTypeId"] == "0-1"):
        raise invalid("CONTACT_FLOW belongs to object type 0-1, PLATFORM_FLOW to every other")


def _next(body: Body) -> str:
    return str(max([int(action["actionId"]) for action in body["actions"]], default=0) + 1)


def _graph(portal: Portal, body: Body, *, creating: bool) -> None:
    """Raises 400 for a broken graph (500 for an empty default branch, as live accounts do)."""
    actions = {str(action.get("actionId")): action for action in body["actions"]}
    start = body.get("startActionId")
    if actions and start not in actions:
        raise invalid(f"startActionId {start} is not the id of an action")
    if not all(id.isdigit() for id in actions) or len(actions) != len(body["actions"]):
        raise invalid("Action ids must be distinct numeric strings")
    ways = {id: _ways(portal, action, creating=creating) for id, action in actions.items()}
    unknown = sorted({end for ends in ways.values() for end in ends if end not in actions})
    if unknown:
        raise invalid(f"Connections lead to actions that do not exist: {unknown}")
    reached, todo = set[str](), [str(start)] if actions else []
    while todo:
        id = todo.pop()
        if id not in reached:
            reached.add(id)
            todo += ways[id]
    if len(reached) < len(actions):
        raise invalid(f"Actions cannot be reached: {sorted(set(actions) - reached)}")


def _ways(portal: Portal, action: Body, *, creating: bool) -> list[str]:
    """The ids to which an action leads."""
    type_id = action.get("actionTypeId")
    if action["type"].endswith("_BRANCH") and type_id is not None:
        raise invalid(f"Branch action {action['actionId']} must not have an actionTypeId")
    if creating and type_id in portal.switches.flow_action_types_refused:
        raise invalid(f"Action type {type_id} cannot be created through the API")
    if action.get("defaultBranch") == {}:
        raise Refusal(500, "INTERNAL_ERROR", "internal error")
    branches = [
        *(action.get("listBranches") or []),
        *(action.get("staticBranches") or []),
        *(action.get("testBranches") or []),
    ]
    found = [action.get("connection"), action.get("defaultBranch"), *(branch.get("connection") for branch in branches)]
    if {} in found:
        raise invalid(f"Action {action['actionId']} has an empty connection; leave it out")
    return [str(each["nextActionId"]) for each in found if each]
