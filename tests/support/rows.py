"""Neutral rows for tests, with sensible blanks."""

from datetime import UTC, datetime
from typing import Any

from mamigrate.consent.facts import WITHOUT_SCOPE, with_keys
from mamigrate.mapping.convert import Rule
from mamigrate.model.estate import DataType

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2025, 1, number, tzinfo=UTC)


def person(
    key: str, email: str | None = None, modified: datetime = NOW, *, archived: bool = False, **values: str
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "key": key, "email": email, "other_emails": [], "created_at": day(1), "updated_at": modified, "archived": archived,
        "merged_keys": [], "account_keys": [], "owner_key": None, "stage": None, "values": values,
    }  # fmt: skip
    return with_keys(row)


def fact(key: str, kind: str = "objection", **more: Any) -> dict[str, Any]:
    """A denial held by an address, unless said otherwise."""
    blank = {
        "key": key, "polarity": "-", "kind": kind, "holder": "address", "person_key": None, "address_strict": None,
        "address_loose": None, "lo": None, "hi": None, "actor": "subject", "proof": 0, "source_ref": "", "raw": "",
    }  # fmt: skip
    return {**WITHOUT_SCOPE, **blank, **more}


def member(list_key: str, person_key: str) -> dict[str, Any]:
    return {"key": f"{list_key}/{person_key}", "list_key": list_key, "person_key": person_key, "joined_at": None}


def rule(**more: object) -> Rule:
    """A rule from text ``a`` to text ``b``, unless said otherwise."""
    blank: dict[str, object] = {
        "source": "a", "target": "b", "source_type": DataType.TEXT, "target_type": DataType.TEXT, "max_chars": None, "max_bytes": None,
        "options": None, "values": {}, "keep_others": True, "too_long": "block", "fill_only": True,
    }  # fmt: skip
    return Rule(**{**blank, **more})  # type: ignore[arg-type]  # a test's blanks
