"""The neutral model: kinds, buckets, types, and the tool's own fields."""

from listings.table import code, first_line, prose, table
from mamigrate.mapping import migration
from mamigrate.model import canonical
from mamigrate.model.estate import ESTATE_MODELS, DataType
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.model.population import POPULATION_MODELS
from mamigrate.plan import model as plan

BUCKETS = {
    plan.Bucket.CREATED: "made on the target",
    plan.Bucket.UPDATED: "was on the target and has been changed",
    plan.Bucket.EQUAL: "stands on the target already as it should",
    plan.Bucket.MERGED: "became part of another source record's person",
    plan.Bucket.HANDED: "is for a person to build or carry over by hand",
    plan.Bucket.LEFT: "stays behind, for the reason that is told",
    plan.Bucket.REJECTED: "was sent, and the target refused it; its code is the reason",
    plan.Bucket.PARKED: "waits for somebody's decision; nothing was written that allows anything",
}


def kinds() -> str:
    models = {**ESTATE_MODELS, **POPULATION_MODELS}
    rows = (
        (
            code(kind.value),
            "estate" if kind in ESTATE else "population",
            first_line(models[kind].__doc__),
            ", ".join(code(name) for name in models[kind].model_fields if name not in ("origin", "raw", "references")),
        )
        for kind in Kind
    )
    return table(("kind", "shelf", "what it is", "fields"), rows)


def buckets() -> str:
    return table(("bucket", "meaning"), ((code(one.value), BUCKETS[one]) for one in plan.Bucket))


def types() -> str:
    """The neutral types, and the rule for each one's canonical text."""
    listed = ", ".join(code(one.value) for one in DataType)
    rules = prose((canonical.__doc__ or "").partition("\n\n")[2])
    return f"Types: {listed}.\n\nCanonical text: {rules}"


def migration_fields() -> str:
    """The fields that the tool creates for people, with what goes into them."""
    rows = ((code(one.name), one.label, one.data_type.value, _origin(one.origin)) for one in migration.PERSON_FIELDS)
    return table(("field", "label", "type", "holds"), rows)


def _origin(origin: str) -> str:
    says = {
        "key": "connection, kind and id of the source record",
        "created_at": "when the source made the record",
        "stage": "the lifecycle stage on the source",
        "merged_keys": "ids that the source had merged into the record",
        "owner": "the owner's text in the mapping, or address, or name; with a field of people under `owner_fields`, what the source has",
    }
    if origin.startswith("meaning:"):
        return f"what the source calls {origin.removeprefix('meaning:').replace('_', ' ')}"
    return says[origin]
