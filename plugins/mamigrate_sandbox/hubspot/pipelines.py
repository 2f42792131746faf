"""/crm/v3/pipelines: pipelines and their stages."""

import flask

from mamigrate_sandbox.hubspot.kinds import resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, here, sent
from mamigrate_sandbox.hubspot.refusals import conflict, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("pipelines", __name__)
BASE = "/crm/v3/pipelines/<type>"
ONE = f"{BASE}/<id>"
STAGE = f"{ONE}/stages/<stage_id>"


@routes.get(BASE)
def index(type: str) -> Answer:
    rows = [body for _, body in here().store.all(_kind(type))]
    return {"results": sorted(rows, key=lambda row: int(row["displayOrder"]))}


@routes.post(BASE)
def create(type: str) -> Answer:
    portal, body = here(), sent("label", "displayOrder", "stages", what="PipelineInput")
    if any(row["label"] == body["label"] for _, row in portal.store.all(_kind(type))):
        raise conflict(f"A pipeline labelled {body['label']} already exists")
    id = str(body.get("pipelineId") or portal.store.next_id("pipeline-ids", 1_000_001))
    pipeline = _dated(
        portal, {"id": id, "label": body["label"], "displayOrder": body["displayOrder"], "archived": False}
    )
    pipeline["stages"] = [_stage(portal, each) for each in body["stages"]]
    portal.store.put(_kind(type), id, pipeline)
    return pipeline, 201


@routes.get(ONE)
def get(type: str, id: str) -> Answer:
    return _pipeline(type, id)


@routes.patch(ONE)
def change(type: str, id: str) -> Answer:
    body = sent()
    return _kept(type, _pipeline(type, id) | {key: body[key] for key in ("label", "displayOrder") if key in body})


@routes.put(ONE)
def replace(type: str, id: str) -> Answer:
    portal, body = here(), sent("label", "displayOrder", "stages", what="PipelineReplaceInput")
    stages = [_stage(portal, each) for each in body["stages"]]
    wanted = {"label": body["label"], "displayOrder": body["displayOrder"], "stages": stages}
    return _kept(type, _pipeline(type, id) | wanted)


@routes.delete(ONE)
def remove(type: str, id: str) -> Answer:
    _pipeline(type, id)
    here().store.remove(_kind(type), id)
    return NOTHING


@routes.get(f"{ONE}/stages")
def stages(type: str, id: str) -> Answer:
    return {"results": _pipeline(type, id)["stages"]}


@routes.post(f"{ONE}/stages")
def create_stage(type: str, id: str) -> Answer:
    portal, pipeline = here(), _pipeline(type, id)
    stage = _stage(portal, sent("label", "displayOrder", "metadata", what="PipelineStageInput"))
    _kept(type, pipeline | {"stages": [*pipeline["stages"], stage]})
    return stage, 201


@routes.get(STAGE)
def get_stage(type: str, id: str, stage_id: str) -> Answer:
    return _found(_pipeline(type, id), stage_id)


@routes.patch(STAGE)
@routes.put(STAGE)
def change_stage(type: str, id: str, stage_id: str) -> Answer:
    pipeline, body = _pipeline(type, id), sent("metadata", what="PipelineStagePatchInput")
    stage = _found(pipeline, stage_id)
    stage |= {key: body[key] for key in ("label", "displayOrder", "archived") if key in body}
    stage["metadata"] = {**stage["metadata"], **body["metadata"]}
    _kept(type, pipeline)
    return stage


@routes.delete(STAGE)
def remove_stage(type: str, id: str, stage_id: str) -> Answer:
    pipeline = _pipeline(type, id)
    stage = _found(pipeline, stage_id)
    _kept(type, pipeline | {"stages": [each for each in pipeline["stages"] if each is not stage]})
    return NOTHING


def _kind(type: str) -> str:
    return f"pipelines/{resolve(type).kind}"


def _pipeline(type: str, id: str) -> Body:
    found = here().store.get(_kind(type), id)
    if found is None:
        raise not_found(f"Pipeline {id} does not exist")
    return found


def _found(pipeline: Body, id: str) -> Body:
    stage: Body | None = next((each for each in pipeline["stages"] if each["id"] == id), None)
    if stage is None:
        raise not_found(f"Pipeline stage {id} does not exist")
    return stage


def _kept(type: str, pipeline: Body) -> Body:
    pipeline["updatedAt"] = here().stamp()
    here().store.put(_kind(type), pipeline["id"], pipeline)
    return pipeline


def _stage(portal: Portal, body: Body) -> Body:
    metadata = body.get("metadata") or {}
    if not 0.0 <= float(metadata.get("probability", "0.0")) <= 1.0:
        raise invalid("probability must be between 0.0 and 1.0")
    id = str(body.get("stageId") or portal.store.next_id("stage-ids", 2_000_001))
    stage = {"id": id, "label": body["label"], "displayOrder": body["displayOrder"], "metadata": metadata}
    return _dated(portal, stage | {"archived": False, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"})


def _dated(portal: Portal, body: Body) -> Body:
    return body | {"createdAt": portal.stamp(), "updatedAt": portal.stamp()}
