"""Schemas derived from the declared models: Arrow for the population, JSON Schema for everything."""

import types
from datetime import datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import pyarrow as pa

from mamigrate.model.base import MODEL_VERSION
from mamigrate.model.estate import ESTATE_MODELS
from mamigrate.model.kinds import Kind
from mamigrate.model.population import POPULATION_MODELS

_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    datetime: pa.timestamp("us", tz="UTC"),
    list[str]: pa.list_(pa.string()),
    dict[str, str]: pa.map_(pa.string(), pa.string()),
}


@cache
def arrow_schema(kind: Kind) -> pa.Schema:
    """The Arrow schema of a population kind, columns in the order of declaration."""
    fields = POPULATION_MODELS[kind].model_fields
    return pa.schema([pa.field(name, _arrow_type(info.annotation)) for name, info in fields.items()])


def _arrow_type(annotation: Any) -> pa.DataType:
    origin = get_origin(annotation)
    if origin is Literal:
        return pa.string()
    if origin in (types.UnionType, Union):
        return _arrow_type(next(part for part in get_args(annotation) if part is not type(None)))
    return _TYPES[annotation]


def json_schema() -> dict[str, Any]:
    """The whole neutral model as one versioned JSON Schema document (draft 2020-12)."""
    models = {**ESTATE_MODELS, **POPULATION_MODELS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mamigrate neutral model",
        "version": MODEL_VERSION,
        "kinds": {kind.value: model.model_json_schema() for kind, model in models.items()},
    }
