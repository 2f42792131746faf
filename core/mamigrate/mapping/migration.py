"""The tool's own fields on the target: what the target would stamp itself survives in them."""

from dataclasses import dataclass
from functools import cache

from mamigrate.mapping.model import NewField
from mamigrate.model.estate import DataType


@dataclass(frozen=True, slots=True)
class MigrationField:
    """``name`` is neutral; ``origin`` is a column of the person row, or ``meaning:<meaning>`` of a source field."""

    name: str
    label: str
    data_type: DataType
    origin: str


KEY = MigrationField("mm_source_key", "MM Source Key", DataType.TEXT, "key")

CREATED = MigrationField("mm_source_created_at", "MM Source Created At", DataType.DATETIME, "created_at")

PERSON_FIELDS = (
    KEY,
    CREATED,
    MigrationField("mm_original_source", "MM Original Source", DataType.TEXT, "meaning:lead_source"),
    MigrationField(
        "mm_original_source_detail", "MM Original Source Detail", DataType.TEXT, "meaning:original_source_detail"
    ),
    MigrationField("mm_acquired_by", "MM Acquired By", DataType.TEXT, "meaning:first_conversion_name"),
    MigrationField("mm_acquired_at", "MM Acquired At", DataType.DATETIME, "meaning:first_conversion_at"),
    MigrationField("mm_lifecycle_stage", "MM Lifecycle Stage", DataType.TEXT, "stage"),
    MigrationField("mm_merged_ids", "MM Merged Ids", DataType.TEXT, "merged_keys"),
    MigrationField("mm_owner", "MM Owner", DataType.TEXT, "owner"),
)


@cache
def api_name(name: str, like: str) -> str:
    """A neutral ``mm_`` name in the style of the target's key field (``mmSourceKey`` asks for camel case)."""
    if "_" in like:
        return name
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def new_fields(key_field: str) -> list[NewField]:
    """The migration fields as they are created on the target."""
    return [NewField(name=api_name(f.name, key_field), label=f.label, type=f.data_type) for f in PERSON_FIELDS]
