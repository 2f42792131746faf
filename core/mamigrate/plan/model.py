"""The words of a plan."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

import msgspec
import orjson
import pyarrow as pa

from mamigrate.contract import Permit

NEW_FIELD = "new_field"
"""What accounts call a field that the program creates on the target."""


ONLY_DENIAL = "only_denial"
"""Why accounts call somebody rejected for whom a new record stands on the target, with nothing but address, key and denial."""


class Bucket(StrEnum):
    """Where a source object ends. Every object of every kind ends in exactly one."""

    CREATED = "created"
    UPDATED = "updated"
    EQUAL = "equal"
    MERGED = "merged"
    HANDED = "handed"
    LEFT = "left"
    REJECTED = "rejected"
    PARKED = "parked"


FOLLOWS = frozenset({"consent_fact", "list_membership", "program_membership", "activity"})
"""Kinds that no plan decides about one by one: they end as their people, lists and programs do."""


def everything(kinds: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """All objects of the source by bucket, of ``kinds`` by bucket: the one sum that a plan, a run and its ledger have alike.

    What follows others is told by kind and not counted here, nor are fields that the program made: nobody's on the source.
    """
    counted = (buckets for kind, buckets in kinds.items() if kind not in FOLLOWS and kind != NEW_FIELD)
    return sum(map(Counter[str], counted), Counter[str]())


class Planned(
    msgspec.Struct, frozen=True
):  # Made once a person: a frozen dataclass of this width costs ten times that.
    """One object's fate as planned. ``values`` is what will be sent; ``lost`` are (source field, code, value).

    ``kept`` are fields where the target's own value stays, ``shown`` fields that show the linked company's value and are
    written with the company, ``before`` what the sent values replace, ``permission`` the fields of the verdict whether
    they must be sent or stand there already, ``permits`` what lets it say yes. ``cause`` is the source's field and value that park a record, where one does.
    """

    kind: str
    key: str
    bucket: Bucket
    reason: str = ""
    detail: str = ""
    target_key: str | None = None
    values: Mapping[str, str | None] = {}
    links: Mapping[str, tuple[str, ...]] = {}
    lost: tuple[tuple[str, str, str], ...] = ()
    kept: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    before: Mapping[str, str | None] = {}
    denied: bool = False
    permission: Mapping[str, str] = {}
    permits: tuple[Permit, ...] = ()
    cause: tuple[str, str] = ("", "")

    @property
    def payload_hash(self) -> str:
        return payload_hash(self.values, self.links) if self.values or self.links else ""

    @property
    def values_hash(self) -> str:
        """As ``payload_hash``, without links: they name what the same plan writes before."""
        return payload_hash(self.values, {}) if self.values else ""


def payload_hash(values: Mapping[str, str | None], links: Mapping[str, tuple[str, ...]]) -> str:
    """BLAKE2b-128 of the canonical bytes of what is sent. It says that two payloads are the same; consent never rests on it."""
    content = orjson.dumps(
        {"values": dict(values), "links": {k: list(v) for k, v in links.items()}}, option=orjson.OPT_SORT_KEYS
    )
    return hashlib.blake2b(content, digest_size=16).hexdigest()


CHANGES = pa.schema(
    [
        ("kind", pa.string()),
        ("key", pa.string()),
        ("bucket", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("target_key", pa.string()),
        ("payload_hash", pa.string()),
        ("values_hash", pa.string()),
        ("denied", pa.bool_()),
    ]
)
"""The columns of ``changes.parquet``."""


def as_row(planned: Planned) -> dict[str, object]:
    return {
        "kind": planned.kind,
        "key": planned.key,
        "bucket": planned.bucket.value,
        "reason": planned.reason,
        "detail": planned.detail,
        "target_key": planned.target_key,
        "payload_hash": planned.payload_hash,
        "values_hash": planned.values_hash,
        "denied": planned.denied,
    }
