"""Properties, stages and score rules."""

from typing import Any

from mamigrate.contract import NeutralRow
from mamigrate.model.base import Origin, Reference
from mamigrate.model.estate import DataType, Field, LifecycleModel, Option, Ruleset, Stage
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.meanings import HOLDERS, meaning
from mamigrate_hubspot.read.context import Context, read_at
from mamigrate_hubspot.wire import Json, part, rows, text

_BY_FIELD_TYPE = {
    "textarea": DataType.LONG_TEXT,
    "html": DataType.LONG_TEXT,
    "phonenumber": DataType.PHONE,
    "file": DataType.URL,
    "checkbox": DataType.MULTI_CHOICE,
}
_BY_TYPE = {
    "string": DataType.TEXT,
    "number": DataType.DECIMAL,
    "date": DataType.DATE,
    "datetime": DataType.DATETIME,
    "bool": DataType.BOOLEAN,
    "enumeration": DataType.CHOICE,
    "phone_number": DataType.PHONE,
    "object_coordinates": DataType.LONG_TEXT,
    "json": DataType.LONG_TEXT,
}
_BY_NAME = {"email": DataType.EMAIL, "website": DataType.URL, "work_email": DataType.EMAIL}
_TWO_VALUED = {"true", "false"}
LONGEST = 65_536
"""Characters of a string property."""
_SCORES = ("calculation_score",)


def data_type(definition: Json) -> DataType:
    """The neutral type of a property, from its type and field type (HubSpot docs, "Properties")."""
    kind, field_type = text(definition, "type"), text(definition, "fieldType")
    if kind == "string" and text(definition, "name") in _BY_NAME:
        return _BY_NAME[text(definition, "name")]
    if kind == "enumeration" and definition.get("referencedObjectType") == "OWNER":
        return DataType.REFERENCE
    if kind == "enumeration" and field_type == "booleancheckbox" and _values(definition) <= _TWO_VALUED:
        return DataType.BOOLEAN
    if kind in ("string", "enumeration") and field_type in _BY_FIELD_TYPE:
        return _BY_FIELD_TYPE[field_type]
    return _BY_TYPE.get(kind, DataType.TEXT)


def _values(definition: Json) -> set[str]:
    return {text(option, "value") for option in definition.get("options") or ()}


def fields(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Field objects of one object type's property list."""
    return [_field(connection, one, context) for one in rows(data)]


def _field(connection: str, definition: Json, context: Context) -> NeutralRow:
    name = text(definition, "name")
    holder = HOLDERS[context["object"]]
    kind = data_type(definition)
    flags: dict[str, Any] = definition.get("modificationMetadata") or {}
    return Field(
        key=f"{holder}/{name}",
        name=text(definition, "label") or name,
        origin=Origin(connection=connection, vendor_type="property", vendor_id=name, read_at=read_at(context)),
        raw=definition,
        holder=holder,
        api_name=name,
        data_type=kind,
        meaning=meaning(holder, name),
        read_only=bool(flags.get("readOnlyValue") or definition.get("calculated")),
        custom=not definition.get("hubspotDefined"),
        hidden=bool(definition.get("hidden")),
        unique=bool(definition.get("hasUniqueValue")) or (holder is Kind.PERSON and name == "email"),
        crm_managed=name.startswith("salesforce"),
        max_chars=LONGEST if text(definition, "type") == "string" else None,
        options=tuple(
            Option(value=text(one, "value"), label=text(one, "label")) for one in definition.get("options") or ()
        ),
    ).model_dump()


def lifecycle(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """The contact's lifecycle stages (a property) or the deal pipelines. Contact stages only move forward by API."""
    if context["object"] == "contacts":
        return [_stages_of_people(connection, data, context)]
    return [_pipeline(connection, one, context) for one in rows(data)]


def _stages_of_people(connection: str, definition: Json, context: Context) -> NeutralRow:
    options = sorted(definition.get("options") or (), key=lambda one: int(one.get("displayOrder") or 0))
    return LifecycleModel(
        key="person/lifecyclestage",
        name=text(definition, "label") or "lifecyclestage",
        origin=_origin(connection, "property", "lifecyclestage", context),
        raw=definition,
        holder=Kind.PERSON,
        stages=tuple(
            Stage(value=text(one, "value"), label=text(one, "label"), order=order) for order, one in enumerate(options)
        ),
        forward_only=True,
    ).model_dump()


def _pipeline(connection: str, pipeline: Json, context: Context) -> NeutralRow:
    stages = sorted(pipeline.get("stages") or (), key=lambda one: int(one.get("displayOrder") or 0))
    return LifecycleModel(
        key=f"opportunity/{text(pipeline, 'id')}",
        name=text(pipeline, "label"),
        origin=_origin(connection, "pipeline", text(pipeline, "id"), context),
        raw=pipeline,
        holder=Kind.OPPORTUNITY,
        stages=tuple(
            Stage(value=text(one, "id"), label=text(one, "label"), order=order, won=_is_won(one))
            for order, one in enumerate(stages)
        ),
    ).model_dump()


def _is_won(stage: Json) -> bool:
    """What is closed and certain: the default pipeline's "closedwon" has the probability 1.0. (HubSpot docs, "Pipelines")"""
    told = part(stage, "metadata")
    return text(told, "isClosed").lower() == "true" and text(told, "probability") in ("1", "1.0")


def rulesets(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Scores: definitions of the scoring tool where the account shows them, else the score properties."""
    if context["object"] == "scores":
        return [_score(connection, one, context) for one in rows(data)]
    return [_score_property(connection, one, context) for one in rows(data) if _is_score(one)]


def _is_score(definition: Json) -> bool:
    return text(definition, "fieldType") in _SCORES or text(definition, "name") == "hubspotscore"


def _score_property(connection: str, definition: Json, context: Context) -> NeutralRow:
    name = text(definition, "name")
    return Ruleset(
        key=f"property/{name}",
        name=text(definition, "label") or name,
        origin=_origin(connection, "property", name, context),
        references=(Reference(kind=Kind.FIELD, key=f"person/{name}", role="output"),),
        raw=definition,
        purpose="scoring",
    ).model_dump()


def _score(connection: str, score: Json, context: Context) -> NeutralRow:
    return Ruleset(
        key=f"score/{text(score, 'id')}",
        name=text(score, "name"),
        origin=_origin(connection, "score", text(score, "id"), context),
        raw=score,
        purpose="scoring",
    ).model_dump()


def _origin(connection: str, vendor_type: str, vendor_id: str, context: Context) -> Origin:
    return Origin(connection=connection, vendor_type=vendor_type, vendor_id=vendor_id, read_at=read_at(context))
